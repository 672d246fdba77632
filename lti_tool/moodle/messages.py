"""A message in Moodle from the token's user. Moodle decides who may be written to, and says so for each one."""

from collections.abc import Mapping

from lti_tool.errors import PlatformFailed
from lti_tool.moodle.client import MoodleClient
from lti_tool.moodle.functions import SEND_MESSAGES
from lti_tool.moodle.refusals import NO_MOODLE

HTML = 1


def send_messages(client: MoodleClient, texts: Mapping[int, str]) -> frozenset[int]:
    """Send each person, by Moodle's user number, a text in HTML; who has it now. Raises as the call does."""
    messages = [
        {"touserid": user, "text": text, "textformat": HTML, "clientmsgid": str(user)} for user, text in texts.items()
    ]
    answer = client.call(SEND_MESSAGES, messages=messages)
    try:
        # Nobody's message has the number -1.
        return frozenset(int(sent["clientmsgid"]) for sent in answer if int(sent["msgid"]) > 0)
    except (KeyError, TypeError, ValueError) as error:
        raise PlatformFailed("moodle_unreadable", NO_MOODLE) from error
