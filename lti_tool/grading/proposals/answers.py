"""The form that a model's answer must have for a rubric: what is out of range cannot be written in it.

Each criterion is a field of its own, so none is missing and none is there twice; a level or a number of points is one
of the listed signs. What a server sends is checked against the same form, whether or not the server keeps to it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, WithJsonSchema, create_model

from lti_tool.grading.models import Criterion, Rubric
from lti_tool.llm.structured import StrictSchema

Percent = Literal[0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100]
FEW_POINTS = 10
"""Up to so many points half ones can be given."""
MOST_STEPS = 100
MOST_QUOTES = 6
LONGEST_QUOTE = 1000
LONGEST_REASONS = 4000
LONGEST_FEEDBACK = 8000


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """What the model says on one criterion."""

    criterion_id: int
    level_id: int | None
    points: Decimal
    reasons: str
    quotes: tuple[str, ...]
    confidence: Decimal


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What the model says on a work, in the order of the rubric."""

    judgements: tuple[Judgement, ...]
    feedback: str


@dataclass(frozen=True, kw_only=True)
class Choice:
    """One sign that may be chosen on a criterion, and what it stands for."""

    sign: str
    points: Decimal
    level_id: int | None = None
    words: str = ""


def choices_of(criterion: Criterion) -> list[Choice]:
    """The levels of the criterion, else its points in steps."""
    if criterion.levels:
        return [
            Choice(
                sign=f"L{level.position}",
                points=Decimal(level.points),
                level_id=level.id,
                words=" – ".join(part for part in (level.title, level.description) if part),
            )
            for level in criterion.levels
        ]
    return [Choice(sign=f"{points.normalize():f}", points=points) for points in _steps(Decimal(criterion.points))]


def answer_form(rubric: Rubric) -> type[BaseModel]:
    """The schema of an answer for this rubric."""
    fields: dict[str, Any] = {
        f"c{criterion.position}": (_criterion_form(criterion), ...) for criterion in rubric.criteria
    }
    criteria = create_model("Criteria", __base__=StrictSchema, **fields)
    return create_model("Marking", __base__=StrictSchema, criteria=(criteria, ...), feedback=(str, ...))


def read_answer(rubric: Rubric, answer: BaseModel) -> Answer:
    """A checked answer in our words."""
    said = answer.model_dump(mode="json")
    judgements = tuple(
        _judgement(criterion, said["criteria"][f"c{criterion.position}"]) for criterion in rubric.criteria
    )
    return Answer(judgements=judgements, feedback=said["feedback"].strip()[:LONGEST_FEEDBACK])


def _steps(most: Decimal) -> list[Decimal]:
    step = Decimal("0.5") if most <= FEW_POINTS else max(Decimal(1), (most / MOST_STEPS).to_integral_value(ROUND_FLOOR))
    steps = [step * number for number in range(int(most / step) + 1)]
    return steps if steps[-1] == most else [*steps, most]


def _criterion_form(criterion: Criterion) -> type[BaseModel]:
    fields: dict[str, Any] = {
        "evidence": (list[str], ...),
        "reasons": (str, ...),
        _choice_name(criterion): (_one_of([choice.sign for choice in choices_of(criterion)]), ...),
        "confidence": (Percent, ...),
    }
    return create_model(f"Criterion{criterion.position}", __base__=StrictSchema, **fields)


def _one_of(signs: Sequence[str]) -> Any:
    """The type of a text that is one of these, for the schema and for the check."""

    def check(sign: str) -> str:
        if sign not in signs:
            raise ValueError("not one of the signs that are listed")
        return sign

    return Annotated[str, AfterValidator(check), WithJsonSchema({"type": "string", "enum": list(signs)})]


def _choice_name(criterion: Criterion) -> str:
    return "level" if criterion.levels else "points"


def _judgement(criterion: Criterion, said: Mapping[str, Any]) -> Judgement:
    chosen = next(choice for choice in choices_of(criterion) if choice.sign == said[_choice_name(criterion)])
    return Judgement(
        criterion_id=criterion.id,
        level_id=chosen.level_id,
        points=chosen.points,
        reasons=said["reasons"].strip()[:LONGEST_REASONS],
        quotes=tuple(_quotes(said["evidence"])),
        confidence=Decimal(said["confidence"]) / 100,
    )


def _quotes(evidence: Sequence[str]) -> list[str]:
    quotes = dict.fromkeys(" ".join(quote.split())[:LONGEST_QUOTE] for quote in evidence)
    return [quote for quote in quotes if quote][:MOST_QUOTES]
