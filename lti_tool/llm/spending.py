"""What a course has cost this month, and whether it may cost more: asked before each call, counted in the database.

So all nodes agree; calls that are under way at once may together pass the cap by what they cost.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lti_tool.db import now
from lti_tool.errors import NotAllowed
from lti_tool.llm.models import LlmCall
from lti_tool.llm.usage import shown_cost
from lti_tool.site_settings.spending import MONTHLY_CAP
from lti_tool.site_settings.store import Snapshot

MICROS = 1_000_000


@dataclass(frozen=True, kw_only=True)
class Spending:
    """The cost of a course in this month, and the most it may be; None means without limit."""

    micros: int
    cap: Decimal | None

    @property
    def amount(self) -> Decimal:
        return shown_cost(self.micros)

    @property
    def is_used_up(self) -> bool:
        return self.cap is not None and self.micros >= self.cap * MICROS


def spending_of(session: Session, settings: Snapshot, course_id: int, *, at: datetime | None = None) -> Spending:
    """What the course has cost since the first of the month by the server's clock, as for the daily limit."""
    begin = (at or now()).astimezone().replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    cost = select(func.sum(LlmCall.cost_micros)).where(LlmCall.course_id == course_id, LlmCall.created_at >= begin)
    return Spending(micros=int(session.scalar(cost) or 0), cap=settings.read(MONTHLY_CAP) or None)


def require_within_cap(session: Session, settings: Snapshot, course_id: int | None, *, planned: int = 0) -> None:
    """Raises NotAllowed (`cost_cap`) when the course has used up its month, or would with what is planned (millionths).

    Calls of no course have no cap.
    """
    cap = settings.read(MONTHLY_CAP)
    if course_id is None or not cap:
        return
    spending = spending_of(session, settings, course_id)
    if spending.is_used_up or spending.micros + planned > cap * MICROS:
        raise NotAllowed("cost_cap", "This course has used up its budget for the language model.", course_id=course_id)
