"""A draft rubric from the text of the task, written by a language model and the teacher's to change (R122).

Nothing is kept here: the draft opens in the editor, and only the teacher's own save makes a rubric of it.
"""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from pydantic import Field
from sqlalchemy.orm import Session

from lti_tool.accounts.capabilities import Capability
from lti_tool.accounts.identities import identities_of
from lti_tool.accounts.models import Placement
from lti_tool.accounts.viewer import Viewer
from lti_tool.errors import InvalidInput, ModelFailed
from lti_tool.grading.rubrics.drafts import CriterionDraft, LevelDraft, Note, RubricDraft, best, checked
from lti_tool.llm.chat import Message, MessageRole, chat_model, chat_model_in
from lti_tool.llm.door import Caller, Door
from lti_tool.llm.injection.detection import neutralised
from lti_tool.llm.prompts import fresh_mark, load_prompt
from lti_tool.llm.pseudonymiser import Identities
from lti_tool.llm.structured import StrictSchema
from lti_tool.site_settings.store import snapshot
from lti_tool.site_settings.switches import Feature, is_on_in

MOST_TOKENS = 3000
LONGEST_TASK = 20_000


class Unavailable(StrEnum):
    """Why no draft can be proposed."""

    NO_TASK = "no_task"
    SWITCHED_OFF = "switched_off"
    NOT_CONFIGURED = "not_configured"


class ProposedLevel(StrictSchema):
    """A level as the model writes it."""

    title: str
    description: str
    points: int = Field(ge=0)


class ProposedCriterion(StrictSchema):
    """A criterion as the model writes it."""

    title: str
    description: str
    levels: list[ProposedLevel] = Field(min_length=2)


class ProposedRubric(StrictSchema):
    """What the model is asked for."""

    criteria: list[ProposedCriterion] = Field(min_length=1)


@dataclass(frozen=True, kw_only=True)
class Task:
    """What the model is told, read before it is asked: no connection is held while it writes."""

    title: str
    text: str
    points: int
    caller: Caller


def task_of(session: Session, viewer: Viewer, placement: Placement) -> Task:
    """The task of an activity, for who may change its rubric."""
    viewer.require(Capability.MANAGE)
    caller = _caller(viewer, identities_of(session, viewer.course_id))
    text = placement.description[:LONGEST_TASK]
    return Task(title=placement.title, text=text, points=placement.points or 0, caller=caller)


def unavailable_because(session: Session, door: Door, viewer: Viewer, placement: Placement) -> Unavailable | None:
    """Why the button is not there; None where it is."""
    settings = snapshot(session, viewer.course_id)
    if not is_on_in(settings, Feature.RUBRIC_DRAFTS):
        return Unavailable.SWITCHED_OFF
    if chat_model_in(settings, door, _caller(viewer, Identities())) is None:
        return Unavailable.NOT_CONFIGURED
    return None if placement.description else Unavailable.NO_TASK


def propose_rubric(door: Door, task: Task) -> RubricDraft:
    """The model's draft. Raises InvalidInput (no task), NotAllowed (`feature_off`) or ModelFailed."""
    if not task.text:
        raise InvalidInput("task_missing", "Write the text of the task first: the draft is made from it.")
    model = chat_model(door, task.caller)
    if model is None:
        raise ModelFailed("not_configured", "No language model is set up. Write the rubric yourself, or import one.")
    prompt = load_prompt("rubric_draft").fill(
        mark=fresh_mark(),
        points=str(task.points),
        title=neutralised(task.title).text,
        task=neutralised(task.text).text,
    )
    answer = model.structured([Message(role=MessageRole.USER, content=prompt)], ProposedRubric, max_tokens=MOST_TOKENS)
    return _draft(answer)


def _caller(viewer: Viewer, identities: Identities) -> Caller:
    return Caller(
        feature=Feature.RUBRIC_DRAFTS,
        purpose="grading.rubric_draft",
        course_id=viewer.course_id,
        person_id=viewer.person_id,
        identities=identities,
    )


def _draft(answer: ProposedRubric) -> RubricDraft:
    try:
        return checked(
            RubricDraft(
                criteria=tuple(_criterion(criterion) for criterion in answer.criteria), notes=frozenset({Note.PROPOSED})
            )
        )
    except InvalidInput as error:
        raise ModelFailed("answer_unreadable", "The language model's draft could not be used. Try again.") from error


def _criterion(proposed: ProposedCriterion) -> CriterionDraft:
    levels = tuple(
        LevelDraft(title=_line(level.title), description=level.description.strip(), points=Decimal(level.points))
        for level in sorted(proposed.levels, key=lambda level: level.points)
    )
    return CriterionDraft(
        title=_line(proposed.title), description=proposed.description.strip(), points=best(levels), levels=levels
    )


def _line(text: str) -> str:
    return " ".join(text.split())
