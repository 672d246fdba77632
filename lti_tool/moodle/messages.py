"""A message in Moodle from the token's user. Moodle decides who may be written to, and says so for each one.

A message to oneself is kept without a notice to anybody: so the token's own user counts as not told.
"""

from collections.abc import Mapping

from lti_tool.errors import PlatformFailed
from lti_tool.moodle.client import MoodleClient
from lti_tool.moodle.functions import SEND_MESSAGES
from lti_tool.moodle.refusals import NO_MOODLE

HTML = 1


def send_messages(client: MoodleClient, texts: Mapping[int, str]) -> frozenset[int]:
    """Send each person, by Moodle's user number, a text in HTML; whom Moodle told. Raises as the call does."""
    messages = [
        {"touserid": user, "text": text, "textformat": HTML, "clientmsgid": str(user)} for user, text in texts.items()
    ]
    answer = client.call(SEND_MESSAGES, messages=messages)
    try:
        # What was not sent has the number -1.
        sent = [each for each in answer if int(each["msgid"]) > 0]
        return frozenset(int(each["clientmsgid"]) for each in sent) - {int(each["useridfrom"]) for each in sent}
    except (KeyError, TypeError, ValueError) as error:
        raise PlatformFailed("moodle_unreadable", NO_MOODLE) from error
