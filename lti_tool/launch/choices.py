"""What a teacher chose on the picker: one choice for each ticked card, or what is wrong, field by field.

`Choice.options` becomes `Placement.options`; for a graded activity {"rubric": [{"title": "Clarity", "points": 4}]}
with the criteria in their order, whose points add up to the activity's points; without a rubric the key is absent.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TypeVar

from lti_tool.accounts.models import PlacementKind
from lti_tool.errors import InvalidInput

GRADED = frozenset({PlacementKind.ACTIVITY, PlacementKind.EXAM})
MOST_POINTS = 100
LONGEST_TITLE = 255
MOST_CRITERIA = 30
LONGEST_CRITERION = 200
LONGEST_TASK = 20_000

Value = TypeVar("Value")


@dataclass(frozen=True, kw_only=True)
class Choice:
    """One activity to be placed."""

    kind: PlacementKind
    title: str
    description: str = ""
    points: int | None = None
    due_at: datetime | None = None
    options: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Choices:
    """The readable choices, and the errors by field name; the choices count only when there are no errors."""

    chosen: tuple[Choice, ...]
    errors: Mapping[str, InvalidInput]


def read_choices(kinds: Sequence[str], fields: Mapping[str, str], *, multiple: bool) -> Choices:
    """Read the ticked cards; fields are named `<kind>-title`, `-task`, `-points`, `-due`, `-due-utc`, `-rubric`."""
    chosen: list[Choice] = []
    errors: dict[str, InvalidInput] = {}
    known = [kind for kind in PlacementKind if kind in kinds]
    if not known:
        errors["kind"] = InvalidInput("kind_missing", "Choose at least one activity.")
    if len(known) > 1 and not multiple:
        errors["kind"] = InvalidInput("one_item_only", "Choose one activity only.")
    for kind in known:
        chosen.append(_Card(kind, fields).choice(errors))
    return Choices(chosen=tuple(chosen), errors=errors)


class _Card:
    """The fields of one kind."""

    def __init__(self, kind: PlacementKind, fields: Mapping[str, str]) -> None:
        self.kind = kind
        self.fields = fields

    def choice(self, errors: dict[str, InvalidInput]) -> Choice:
        title = self._read("title", self._title, errors)
        if self.kind not in GRADED:
            return Choice(kind=self.kind, title=title or "")
        points = self._read("points", self._points, errors)
        due_at = self._read("due", self._due_at, errors)
        task = self._read("task", self._task, errors)
        rubric = self._read("rubric", lambda text: self._rubric(text, points), errors)
        return Choice(
            kind=self.kind,
            title=title or "",
            description=task or "",
            points=points,
            due_at=due_at,
            options={"rubric": rubric} if rubric else {},
        )

    def _read(self, name: str, reader: Callable[[str], Value], errors: dict[str, InvalidInput]) -> Value | None:
        text = self.fields.get(f"{self.kind}-{name}", "").strip()
        try:
            return reader(text)
        except InvalidInput as error:
            errors[f"{self.kind}-{name}"] = error
            return None

    def _title(self, text: str) -> str:
        if not text or len(text) > LONGEST_TITLE or not text.isprintable():
            raise InvalidInput(
                "title_refused",
                "Give a title of at most %(longest_title)s characters.",
                {"longest_title": LONGEST_TITLE},
            )
        return text

    def _task(self, text: str) -> str:
        if len(text) > LONGEST_TASK or "\0" in text:
            raise InvalidInput(
                "task_too_long", "The text of a task has at most %(longest)s characters.", {"longest": LONGEST_TASK}
            )
        return text.replace("\r\n", "\n")

    def _points(self, text: str) -> int:
        if not text.isascii() or not text.isdecimal() or not 1 <= int(text[:4]) <= MOST_POINTS or len(text) > 3:
            raise InvalidInput(
                "points_refused",
                "Points must be a whole number from 1 to %(most_points)s.",
                {"most_points": MOST_POINTS},
            )
        return int(text)

    def _due_at(self, text: str) -> datetime | None:
        """The page's script sends the moment in UTC beside the local time that the teacher typed."""
        stated = self.fields.get(f"{self.kind}-due-utc", "").strip() or text
        if not text:
            return None
        try:
            moment = datetime.fromisoformat(stated)
        except ValueError as error:
            raise InvalidInput("due_refused", "Give the date and time as 2027-05-31 23:59.") from error
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)

    def _rubric(self, text: str, points: int | None) -> list[dict[str, Any]]:
        if self.kind is not PlacementKind.ACTIVITY or not text:
            return []
        lines = [line.strip() for line in text.splitlines() if line.strip()]
        criteria = [_criterion(line) for line in lines[: MOST_CRITERIA + 1]]
        if len(criteria) > MOST_CRITERIA:
            raise InvalidInput(
                "rubric_refused", "A rubric has at most %(most_criteria)s criteria.", {"most_criteria": MOST_CRITERIA}
            )
        total = sum(criterion["points"] for criterion in criteria)
        if points is not None and total != points:
            raise InvalidInput(
                "rubric_sum",
                "The criteria add up to %(total)s points, the activity has %(points)s.",
                {"total": total, "points": points},
            )
        return criteria


def _criterion(line: str) -> dict[str, Any]:
    """`Clarity of the argument: 4`"""
    title, _, number = line.rpartition(":")
    title, number = title.strip(), number.strip()
    usable = number.isascii() and number.isdecimal() and len(number) <= 3 and int(number) >= 1
    if not title or not usable or len(title) > LONGEST_CRITERION or not title.isprintable():
        raise InvalidInput("rubric_refused", "Write each criterion on a line of its own, as “Clarity: 4”.")
    return {"title": title, "points": int(number)}
