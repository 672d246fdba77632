"""What is in a course, and what of it everybody in the course may see (R27, R48).

Two functions together say it: `core_course_get_contents` has names, addresses and an activity's own restrictions;
`core_courseformat_get_state` alone says that a whole section is restricted, because whoever edits the course passes
every restriction and the first function then keeps silent about it. It says so to whoever may edit the course, and
not to a non-editing teacher, who passes every restriction too: so the token must be an editor's.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lti_tool.errors import PlatformFailed
from lti_tool.moodle.client import MoodleClient
from lti_tool.moodle.functions import CONTENTS, OPTIONS, STATE
from lti_tool.moodle.refusals import NO_MOODLE

Json = Mapping[str, Any]
SUBSECTION = "subsection"
NO_EDITOR = (
    "The user of this token may not edit the course. Moodle tells only those who may which sections are restricted."
)


@dataclass(frozen=True, kw_only=True)
class MoodleSection:
    """A section of the course page."""

    number: int
    name: str
    summary: str
    url: str
    is_hidden: bool
    is_restricted: bool


@dataclass(frozen=True, kw_only=True)
class MoodleModule:
    """An activity or resource; `contents` are the files, addresses and chapters that Moodle lists with it."""

    number: int
    kind: str
    instance: int
    name: str
    section: MoodleSection
    url: str
    is_hidden: bool
    is_restricted: bool
    group_mode: int
    description: str
    contents: Sequence[Json]


@dataclass(frozen=True, kw_only=True)
class CourseOverview:
    """Everything the token's user sees, in the order of the course page."""

    sections: list[MoodleSection]
    modules: list[MoodleModule]


@dataclass(frozen=True, kw_only=True)
class _Restrictions:
    """What the state adds: restricted sections and activities, and activities that have no line on the course page."""

    sections: frozenset[int]
    modules: frozenset[int]
    stealthy: frozenset[int]


def course_overview(client: MoodleClient, course: int) -> CourseOverview:
    """Both functions asked and put together; raises as the calls do."""
    try:
        return _overview(client, course)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise PlatformFailed("moodle_unreadable", NO_MOODLE) from error


def _overview(client: MoodleClient, course: int) -> CourseOverview:
    _require_editor(client, course)
    answer: list[Json] = client.call(CONTENTS, courseid=course)
    restrictions = _restrictions(json.loads(client.call(STATE, courseid=course)))
    sections: list[MoodleSection] = []
    modules: list[MoodleModule] = []
    # A subsection is a section of its own, further down, that lies in an activity of another one.
    for found in sorted(answer, key=_is_delegated):
        section = _section(found, restrictions, client.access.base_url, _holder(found, modules))
        sections.append(section)
        modules += [_module(each, section, restrictions, client.access.base_url, course) for each in found["modules"]]
    return CourseOverview(sections=sections, modules=modules)


def _require_editor(client: MoodleClient, course: int) -> None:
    courses = client.call(OPTIONS, courseids=[course])["courses"]
    options = {option["name"] for found in courses for option in found["options"] if option["available"]}
    if "update" not in options:
        raise PlatformFailed("token_of_no_editor", NO_EDITOR)


def _is_delegated(section: Json) -> bool:
    return bool(section.get("component"))


def _holder(section: Json, modules: Sequence[MoodleModule]) -> MoodleModule | None:
    if section.get("component") != f"mod_{SUBSECTION}":
        return None
    inside = (each for each in modules if each.kind == SUBSECTION and each.instance == int(section["itemid"]))
    return next(inside, None)


def _section(found: Json, restrictions: _Restrictions, base_url: str, holder: MoodleModule | None) -> MoodleSection:
    number = int(found["id"])
    is_hidden = not found.get("visible", 1) or bool(found.get("hiddenbynumsections"))
    is_restricted = number in restrictions.sections or not found.get("uservisible", True)
    return MoodleSection(
        number=number,
        name=str(found["name"]),
        summary=str(found.get("summary") or ""),
        url=f"{base_url}/course/section.php?id={number}",
        is_hidden=is_hidden or (holder is not None and holder.is_hidden),
        is_restricted=is_restricted
        or bool(found.get("availabilityinfo"))
        or (holder is not None and holder.is_restricted),
    )


def _module(
    found: Json, section: MoodleSection, restrictions: _Restrictions, base_url: str, course: int
) -> MoodleModule:
    number = int(found["id"])
    is_listed = bool(found.get("visibleoncoursepage", 1)) and number not in restrictions.stealthy
    is_open = bool(found.get("uservisible", True)) and not found.get("availabilityinfo")
    has_conditions = number in restrictions.modules or _has_conditions(found.get("availability"))
    return MoodleModule(
        number=number,
        kind=str(found["modname"]),
        instance=int(found["instance"]),
        name=str(found["name"]),
        section=section,
        # What has no page of its own (a text area) stands on the course page.
        url=str(found.get("url") or f"{base_url}/course/view.php?id={course}#module-{number}"),
        is_hidden=section.is_hidden or not found.get("visible", 1) or not is_listed,
        is_restricted=section.is_restricted or not is_open or has_conditions,
        group_mode=int(found.get("groupmode") or 0),
        description=str(found.get("description") or ""),
        contents=found.get("contents") or [],
    )


def _has_conditions(availability: str | None) -> bool:
    """A tree without leaves restricts nothing."""
    return bool(availability) and any(_leaves(json.loads(availability or "{}")))


def _leaves(tree: Json) -> Iterator[Json]:
    if "c" not in tree:
        yield tree
    for inner in tree.get("c", ()):
        yield from _leaves(inner)


def _restrictions(state: Json) -> _Restrictions:
    return _Restrictions(
        sections=_numbers(state["section"], "hasrestrictions"),
        modules=_numbers(state["cm"], "hascmrestrictions"),
        stealthy=_numbers(state["cm"], "stealth"),
    )


def _numbers(rows: Sequence[Json], flag: str) -> frozenset[int]:
    return frozenset(int(row["id"]) for row in rows if row.get(flag))
