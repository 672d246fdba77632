"""The steps of a delivery, each written down at once in a transaction of its own, for as long as the lease is held.

What changes something in Moodle starts only after its line was written here: whoever has lost the lease, or the
student's key, stops before the next request.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Engine, select, update
from sqlalchemy.orm import Session

from lti_tool.db import now, transaction
from lti_tool.scans.delivery.models import Delivery, DeliveryStep, LentKey
from lti_tool.scans.delivery.states import Kind, StepKind

LEASE = timedelta(minutes=10)
"""Longer than the slowest single request, an upload."""


class LeaseLost(Exception):
    """Somebody else works on this delivery, or it was withdrawn."""


class KeyGone(Exception):
    """The student has taken the key back, or its day is over."""


@dataclass(frozen=True, kw_only=True)
class Journal:
    """The right to work on one delivery."""

    engine: Engine
    delivery_id: UUID
    lease: UUID

    def note(self, kind: StepKind, word: str = "", **columns: Any) -> None:
        """Write a step down and keep the lease; raises LeaseLost, KeyGone."""
        with transaction(self.engine) as session:
            held = session.execute(
                update(Delivery)
                .where(Delivery.id == self.delivery_id, Delivery.lease == self.lease)
                .values(leased_until=now() + LEASE, **columns)
                .returning(Delivery.kind, Delivery.target_id, Delivery.person_id)
            ).first()
            if held is None:
                raise LeaseLost
            if held.kind == Kind.WORK and not _lives(session, held.target_id, held.person_id):
                raise KeyGone
            add_step(session, self.delivery_id, kind, word)


def add_step(session: Session, delivery_id: UUID, kind: StepKind, word: str = "", by_id: int | None = None) -> None:
    """In the caller's transaction."""
    session.add(DeliveryStep(delivery_id=delivery_id, kind=kind, word=word, by_id=by_id))


def _lives(session: Session, target_id: int, person_id: int) -> bool:
    found = select(LentKey.id).where(LentKey.target_id == target_id, LentKey.person_id == person_id)
    return session.scalar(found.where(LentKey.expires_at > now())) is not None
