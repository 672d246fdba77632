"""How an assignment is graded: by points, or by the rubric or marking guide that Moodle calculates its grade from."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lti_tool.errors import PlatformFailed
from lti_tool.moodle.client import MoodleClient
from lti_tool.moodle.functions import DEFINITIONS
from lti_tool.moodle.refusals import NO_MOODLE

READY = 20
AREA = "submissions"
METHODS = ("rubric", "guide")

Json = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class MoodleDefinition:
    """`method` is Moodle's word, rubric or guide; `content` is the definition as it came."""

    method: str
    changed_at: int
    content: Json


def find_definition(client: MoodleClient, module: int) -> MoodleDefinition | None:
    """The active rubric or guide; None for plain points. Raises as the call does, and for what cannot be used."""
    answer = client.call(DEFINITIONS, cmids=[module], areaname=AREA)
    try:
        return _find(answer)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise PlatformFailed("moodle_unreadable", NO_MOODLE) from error


def _find(answer: Json) -> MoodleDefinition | None:
    (area,) = answer["areas"] or [{}]
    method = area["activemethod"] or ""
    if not method:
        return None
    if method not in METHODS:
        raise PlatformFailed(
            "moodle_definition_unknown", "Moodle grades this assignment neither by points nor by a rubric or guide."
        )
    found = [each for each in area["definitions"] if each["method"] == method]
    if not found:
        raise PlatformFailed(
            "moodle_definition_closed", "The user of this token may not see the rubric or guide of this assignment."
        )
    if int(found[0]["status"]) != READY:
        raise PlatformFailed("moodle_definition_draft", "The rubric or guide of this assignment is a draft in Moodle.")
    return MoodleDefinition(method=method, changed_at=int(found[0]["timemodified"]), content=found[0])
