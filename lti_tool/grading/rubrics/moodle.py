"""A rubric or marking guide of Moodle, as `core_grading_get_definitions` describes it (moodle-web-services.md).

A rubric's criterion has no title in Moodle, only a text: its first line becomes the title. The numbers of criteria and
levels are kept, since `mod_assign_save_grade` names them when a filled rubric goes back.
"""

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from bs4 import BeautifulSoup

from lti_tool.errors import InvalidInput
from lti_tool.grading.models import RubricKind
from lti_tool.grading.rubrics.drafts import (
    LONGEST_TITLE,
    CriterionDraft,
    LevelDraft,
    Note,
    RubricDraft,
    best,
    checked,
)

LONGEST_LEVEL_TITLE = 60
MARKUP = re.compile(r"<[a-zA-Z/!]|&[a-zA-Z#0-9]+;")


def rubric_from_moodle(definition: Mapping[str, Any]) -> RubricDraft:
    """One definition of an area, of the method `rubric` or `guide`; raises InvalidInput for any other."""
    try:
        if definition["method"] == "guide":
            return checked(_guide(definition["guide"]))
        if definition["method"] == "rubric":
            return checked(_rubric(definition["rubric"]))
    except (KeyError, TypeError, ValueError, InvalidOperation) as error:
        raise InvalidInput("moodle_rubric_unreadable", "The rubric in Moodle cannot be read.") from error
    raise InvalidInput("moodle_method_unknown", "Only rubrics and marking guides of Moodle can be taken over.")


def _rubric(rubric: Mapping[str, Any]) -> RubricDraft:
    criteria = _with_own_titles(_criterion(criterion) for criterion in _in_order(rubric["rubric_criteria"]))
    lowest = (min(level.points for level in criterion.levels) for criterion in criteria if criterion.levels)
    notes = frozenset({Note.LOWEST_GIVES_POINTS}) if any(lowest) else frozenset()
    return RubricDraft(kind=RubricKind.LEVELS, criteria=criteria, notes=notes)


def _guide(guide: Mapping[str, Any]) -> RubricDraft:
    criteria = _with_own_titles(_guide_criterion(criterion) for criterion in _in_order(guide["guide_criteria"]))
    notes = frozenset({Note.COMMENTS_LEFT}) if guide.get("guide_comments") else frozenset()
    return RubricDraft(kind=RubricKind.GUIDE, criteria=criteria, notes=notes)


def _criterion(criterion: Mapping[str, Any]) -> CriterionDraft:
    title, description = _title_and_rest(_plain(criterion.get("description")))
    levels = tuple(
        _level(level) for level in sorted(criterion["levels"], key=lambda level: Decimal(str(level["score"])))
    )
    return CriterionDraft(
        title=title, description=description, points=best(levels), levels=levels, moodle_id=int(criterion["id"])
    )


def _level(level: Mapping[str, Any]) -> LevelDraft:
    """Short words name a level; a sentence describes it."""
    words = _plain(level.get("definition"))
    is_name = len(words) <= LONGEST_LEVEL_TITLE and "\n" not in words
    return LevelDraft(
        title=words if is_name else "",
        description="" if is_name else words,
        points=_points(level["score"]),
        moodle_id=int(level["id"]),
    )


def _guide_criterion(criterion: Mapping[str, Any]) -> CriterionDraft:
    title, rest = _title_and_rest(_plain(criterion["shortname"]))
    return CriterionDraft(
        title=title,
        description="\n".join(text for text in (rest, _plain(criterion.get("description"))) if text),
        for_markers=_plain(criterion.get("descriptionmarkers")),
        points=_points(criterion["maxscore"]),
        moodle_id=int(criterion["id"]),
    )


def _title_and_rest(words: str) -> tuple[str, str]:
    first, _line, rest = words.partition("\n")
    if len(first) <= LONGEST_TITLE:
        return first, rest.strip()
    return first[: LONGEST_TITLE - 1].rstrip() + "…", words


def _with_own_titles(criteria: Iterable[CriterionDraft]) -> tuple[CriterionDraft, ...]:
    """Two criteria of Moodle may read alike; here each has a title of its own."""
    titled: dict[str, CriterionDraft] = {}
    for number, criterion in enumerate(criteria, start=1):
        title = criterion.title or f"{number}"
        title = title if title not in titled else f"{title[: LONGEST_TITLE - 6]} ({number})"
        titled[title] = CriterionDraft(**{**vars(criterion), "title": title})
    return tuple(titled.values())


def _in_order(criteria: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    return sorted(criteria, key=lambda criterion: int(criterion.get("sortorder") or 0))


def _points(value: Any) -> Decimal:
    """Moodle keeps five decimals, we keep three."""
    points = Decimal(str(value)).quantize(Decimal("0.001"))
    whole = points.to_integral_value()
    return whole if whole == points else points.normalize()


def _plain(text: Any) -> str:
    words = str(text or "")
    if MARKUP.search(words):
        soup = BeautifulSoup(words, "lxml")
        for end in soup.find_all(["p", "br", "li", "div"]):
            end.append("\n")
        words = soup.get_text()
    lines = (" ".join(line.split()) for line in words.splitlines())
    return "\n".join(line for line in lines if line)
