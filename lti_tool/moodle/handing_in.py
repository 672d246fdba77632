"""The calls by which work is handed in to a Moodle assignment. They act for the owner of the key and for nobody else.

Each answers with warnings where it refused, and in words that tell nothing: what came of it is read back.
"""

from collections.abc import Sequence
from typing import Any

from lti_tool.errors import PlatformFailed
from lti_tool.moodle.client import MoodleClient
from lti_tool.moodle.functions import HAND_IN, SAVE_WORK
from lti_tool.moodle.refusals import NO_MOODLE

HTML = 1


def save_work(client: MoodleClient, number: int, *, draft: int, takes_text: bool) -> bool:
    """Replace the files of the key's owner by those of a draft area; whether Moodle made no objection."""
    content: dict[str, Any] = {"files_filemanager": draft}
    if takes_text:
        # Moodle reads it unguarded where the assignment takes texts too.
        content["onlinetext_editor"] = {"text": "", "format": HTML, "itemid": 0}
    return _is_clean(client.call(SAVE_WORK, assignmentid=number, plugindata=content))


def hand_in(client: MoodleClient, number: int, *, accepts_statement: bool) -> bool:
    """Turn the saved draft into work that was handed in; whether Moodle made no objection."""
    return _is_clean(client.call(HAND_IN, assignmentid=number, acceptsubmissionstatement=accepts_statement))


def _is_clean(answer: object) -> bool:
    if not isinstance(answer, Sequence) or isinstance(answer, str):
        raise PlatformFailed("moodle_unreadable", NO_MOODLE)
    return not answer
