"""How an assignment is graded: by points, or by the rubric or marking guide that Moodle calculates its grade from."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from lti_tool.errors import PlatformFailed
from lti_tool.moodle.client import MoodleClient
from lti_tool.moodle.functions import DEFINITIONS
from lti_tool.moodle.refusals import NO_MOODLE

READY = 20
AREA = "submissions"
UNSEEN = "The user of this token may not see the rubric or marking guide of this assignment."
UNREADY = "The rubric or marking guide of this assignment is a draft in Moodle."
UNKNOWN = "This assignment is graded in a way that cannot be used here: only points, rubrics and marking guides can."

Json = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class MoodleLevel:
    number: int
    html: str
    points: Decimal


@dataclass(frozen=True, kw_only=True)
class MoodleCriterion:
    """A guide's criterion has no levels; `for_markers` is what a guide tells markers alone."""

    number: int
    html: str
    points: Decimal
    levels: tuple[MoodleLevel, ...] = ()
    description: str = ""
    for_markers: str = ""


@dataclass(frozen=True, kw_only=True)
class MoodleDefinition:
    """`method` is Moodle's word: rubric or guide."""

    method: str
    changed_at: int
    criteria: tuple[MoodleCriterion, ...]


def find_definition(client: MoodleClient, module: int) -> MoodleDefinition | None:
    """The active rubric or guide; None for plain points. Raises as the call does, and for what cannot be used."""
    answer = client.call(DEFINITIONS, cmids=[module], areaname=AREA)
    try:
        return _find(answer)
    except (KeyError, TypeError, ValueError, AttributeError, InvalidOperation) as error:
        raise PlatformFailed("moodle_unreadable", NO_MOODLE) from error


def _find(answer: Json) -> MoodleDefinition | None:
    if not answer["areas"]:
        raise PlatformFailed("moodle_definition_closed", UNSEEN)
    (area,) = answer["areas"]
    method = area.get("activemethod") or ""
    if not method:
        return None
    if method not in READERS:
        raise PlatformFailed("moodle_definition_unknown", UNKNOWN, method=method)
    found = [each for each in area["definitions"] if each["method"] == method]
    if not found:
        raise PlatformFailed("moodle_definition_closed", UNSEEN)
    if int(found[0]["status"]) != READY:
        raise PlatformFailed("moodle_definition_draft", UNREADY)
    key, read = READERS[method]
    in_order = sorted(found[0][method][key], key=lambda each: int(each.get("sortorder") or 0))
    criteria = tuple(read(each) for each in in_order)
    return MoodleDefinition(method=method, changed_at=int(found[0]["timemodified"]), criteria=criteria)


def _of_rubric(found: Json) -> MoodleCriterion:
    levels = tuple(
        MoodleLevel(number=int(each["id"]), html=str(each.get("definition") or ""), points=Decimal(str(each["score"])))
        for each in found["levels"]
    )
    return MoodleCriterion(
        number=int(found["id"]),
        html=str(found.get("description") or ""),
        points=max(level.points for level in levels),
        levels=tuple(sorted(levels, key=lambda level: level.points)),
    )


def _of_guide(found: Json) -> MoodleCriterion:
    return MoodleCriterion(
        number=int(found["id"]),
        html=str(found["shortname"]),
        points=Decimal(str(found["maxscore"])),
        description=str(found.get("description") or ""),
        for_markers=str(found.get("descriptionmarkers") or ""),
    )


READERS = {"rubric": ("rubric_criteria", _of_rubric), "guide": ("guide_criteria", _of_guide)}
