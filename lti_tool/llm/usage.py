"""What calls cost: tokens and money per call, and their sums for the usage page (R131). No text is kept."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Date, Label, cast, func, or_, select
from sqlalchemy.orm import Session

from lti_tool.llm.models import LlmCall, Outcome
from lti_tool.site_settings.catalogue import COMPLETION_PRICE, PROMPT_PRICE
from lti_tool.site_settings.store import Snapshot

CHARACTERS_A_TOKEN = 4
"""The usual estimate, for servers that do not count and for calls that were cut short."""


@dataclass(frozen=True, kw_only=True)
class Usage:
    """The tokens of one call."""

    prompt_tokens: int
    completion_tokens: int
    is_estimated: bool = False
    model: str = ""


@dataclass(frozen=True, kw_only=True)
class Sum:
    """Calls added up; `course_id` or `day` says of what, where there is one."""

    calls: int
    failed: int
    prompt_tokens: int
    completion_tokens: int
    cost_micros: int
    course_id: int | None = None
    day: date | None = None


def written_in(messages: Sequence[Mapping[str, Any]]) -> list[str]:
    """The texts of a request's messages, without their pictures."""
    contents = [message["content"] for message in messages]
    return [content if isinstance(content, str) else content[0]["text"] for content in contents]


def estimated_usage(sent: str, received: str) -> Usage:
    """Usage by the length of the texts."""
    return Usage(
        prompt_tokens=-(-len(sent) // CHARACTERS_A_TOKEN),
        completion_tokens=-(-len(received) // CHARACTERS_A_TOKEN),
        is_estimated=True,
    )


def cost_micros(settings: Snapshot, usage: Usage) -> int:
    """The cost in millionths of the currency: a price per million tokens is a number of millionths per token."""
    cost = usage.prompt_tokens * settings.read(PROMPT_PRICE) + usage.completion_tokens * settings.read(COMPLETION_PRICE)
    return int(cost.to_integral_value())


def shown_cost(micros: int) -> Decimal:
    """Millionths as an amount of the currency."""
    return (Decimal(micros) / 1_000_000).quantize(Decimal("0.0001"))


def usage_by_course(session: Session, since: datetime, *, course_ids: Collection[int]) -> list[Sum]:
    """One sum a course that has any, and one of the site's own calls; the one with most tokens first."""
    tokens = func.sum(LlmCall.prompt_tokens + LlmCall.completion_tokens)
    rows = session.execute(
        select(LlmCall.course_id, *_sums())
        .where(LlmCall.created_at >= since, _is_of(course_ids))
        .group_by(LlmCall.course_id)
        .order_by(tokens.desc(), LlmCall.course_id)
    )
    return [_sum(counts, course_id=course_id) for course_id, *counts in rows]


def usage_by_model(session: Session, since: datetime, *, course_ids: Collection[int]) -> list[tuple[str, Sum]]:
    """One sum a model or deployment, the one with most tokens first."""
    tokens = func.sum(LlmCall.prompt_tokens + LlmCall.completion_tokens)
    rows = session.execute(
        select(LlmCall.model, *_sums())
        .where(LlmCall.created_at >= since, _is_of(course_ids))
        .group_by(LlmCall.model)
        .order_by(tokens.desc(), LlmCall.model)
    )
    return [(model, _sum(counts)) for model, *counts in rows]


def tokens_of_all_time(session: Session, *, course_ids: Collection[int]) -> int:
    """Prompt and completion tokens since the first call that is kept."""
    total = select(func.sum(LlmCall.prompt_tokens + LlmCall.completion_tokens))
    return int(session.scalar(total.where(_is_of(course_ids))) or 0)


def usage_by_day(session: Session, since: datetime, *, course_ids: Collection[int]) -> list[Sum]:
    """One sum a day (UTC) that has any, oldest first."""
    day = cast(func.timezone("UTC", LlmCall.created_at), Date)
    rows = session.execute(
        select(day, *_sums()).where(LlmCall.created_at >= since, _is_of(course_ids)).group_by(day).order_by(day)
    )
    return [_sum(counts, day=when) for when, *counts in rows]


def _is_of(course_ids: Collection[int]) -> ColumnElement[bool]:
    """Calls of these courses, and those that no course caused: an administrator's trials of the models."""
    return or_(LlmCall.course_id.in_(course_ids), LlmCall.course_id.is_(None))


def _sums() -> list[Label[int]]:
    failed: ColumnElement[bool] = LlmCall.outcome == Outcome.FAILED
    return [
        func.count().label("calls"),
        func.count().filter(failed).label("failed"),
        func.sum(LlmCall.prompt_tokens).label("prompt_tokens"),
        func.sum(LlmCall.completion_tokens).label("completion_tokens"),
        func.sum(LlmCall.cost_micros).label("cost_micros"),
    ]


def _sum(values: Sequence[int], *, course_id: int | None = None, day: date | None = None) -> Sum:
    calls, failed, prompt_tokens, completion_tokens, cost = map(int, values)
    return Sum(
        calls=calls,
        failed=failed,
        prompt_tokens=prompt_tokens,
        completion_tokens=completion_tokens,
        cost_micros=cost,
        course_id=course_id,
        day=day,
    )
