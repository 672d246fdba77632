"""Is the audit what was written? Names each changed, removed, inserted or reordered row, in the table or an export."""

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import or_, select, text
from sqlalchemy.orm import Session

from lti_tool.accounts.audit.chain import digest_of, fields_of, link
from lti_tool.accounts.audit.models import START, AuditEntry, AuditHead


class Damage(StrEnum):
    CHANGED = "changed"
    REMOVED = "removed"
    REORDERED = "reordered"
    INSERTED = "inserted"
    CUT_OFF = "cut off"
    HEAD_LOST = "head lost"
    REWRITTEN = "rewritten"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What is wrong at a sequence number."""

    sequence: int | None
    damage: Damage
    explanation: str


@dataclass(frozen=True, kw_only=True)
class Link:
    """One entry of a chain; `fields` is None where an export keeps another tenant's content to itself."""

    sequence: int
    previous_hash: bytes
    hash: bytes
    digest: bytes
    fields: dict[str, object] | None


@dataclass(frozen=True, kw_only=True)
class Head:
    sequence: int
    hash: bytes


def verify(session: Session) -> list[Finding]:
    """Check the whole table; empty means intact. Entries of this very transaction are sealed first."""
    session.flush()
    session.execute(text("SET CONSTRAINTS audit_entry_seal IMMEDIATE"))
    session.execute(text("SET CONSTRAINTS audit_entry_seal DEFERRED"))
    head = head_of(session)
    if head is None:
        return [finding(None, Damage.HEAD_LOST), *check(links_of(session), None)]
    return [*check(links_of(session, up_to=head.sequence), head), *_strays(session)]


def head_of(session: Session) -> Head | None:
    """Where the chain ends now; None where somebody deleted that row."""
    found = session.execute(select(AuditHead.sequence, AuditHead.hash)).one_or_none()
    return Head(sequence=found.sequence, hash=found.hash) if found else None


def links_of(session: Session, *, up_to: int | None = None) -> Iterator[Link]:
    """The stored chain in order, read in portions; what is committed meanwhile lies beyond `up_to`."""
    sealed = select(AuditEntry).where(AuditEntry.sequence.is_not(None)).order_by(AuditEntry.sequence)
    if up_to is not None:
        sealed = sealed.where(AuditEntry.sequence <= up_to)
    for entry in session.execute(sealed.execution_options(populate_existing=True, yield_per=500)).scalars():
        yield link_of(entry)


def link_of(entry: AuditEntry) -> Link:
    """A sealed entry as a link of the chain."""
    assert entry.sequence is not None and entry.hash is not None and entry.previous_hash is not None
    return Link(
        sequence=entry.sequence,
        previous_hash=entry.previous_hash,
        hash=entry.hash,
        digest=entry.digest,
        fields=fields_of(entry),
    )


def check(links: Iterable[Link], head: Head | None) -> list[Finding]:
    """Walk the chain from its start to its head."""
    findings: list[Finding] = []
    last = Head(sequence=0, hash=START)
    displaced: set[bytes] = set()
    for current in links:
        findings += _missing(last.sequence, current.sequence)
        if _is_changed(current):
            findings.append(finding(current.sequence, Damage.CHANGED))
        elif current.sequence == last.sequence + 1 and current.previous_hash not in {last.hash, *displaced}:
            findings.append(finding(current.sequence, Damage.REORDERED))
            displaced.add(current.hash)
        last = Head(sequence=current.sequence, hash=current.hash)
    return findings + _end_faults(last, head)


def _missing(last: int, current: int) -> list[Finding]:
    return [finding(number, Damage.REMOVED) for number in itertools.islice(range(last + 1, current), MOST_NAMED)]


def _is_changed(current: Link) -> bool:
    content = current.digest if current.fields is None else digest_of(current.fields)
    return content != current.digest or link(current.previous_hash, current.digest) != current.hash


def _end_faults(last: Head, head: Head | None) -> list[Finding]:
    if head is None or last == head:
        return []
    is_short = last.sequence < head.sequence
    return [finding(last.sequence + is_short, Damage.CUT_OFF if is_short else Damage.CHANGED)]


def _strays(session: Session) -> list[Finding]:
    """Rows that are unsealed or beyond the head were written while the triggers were off."""
    end = select(AuditHead.sequence).scalar_subquery()
    strays = session.scalars(
        select(AuditEntry.sequence).where(or_(AuditEntry.sequence.is_(None), AuditEntry.sequence > end))
    )
    return [finding(number, Damage.INSERTED) for number in strays]


MOST_NAMED = 1000
"""How many missing entries of one gap are named one by one."""

EXPLANATIONS = {
    Damage.CHANGED: "The content of this entry is not what was sealed.",
    Damage.REMOVED: "This entry is missing.",
    Damage.REORDERED: "This entry does not follow the one before it: they were moved or written anew.",
    Damage.INSERTED: "This entry was not written by the tool.",
    Damage.CUT_OFF: "The chain ends before its head: this entry and all after it are missing.",
    Damage.REWRITTEN: "What was signed at this entry is not what stands here: the chain was written anew.",
    Damage.HEAD_LOST: "The row that holds the end of the chain is missing.",
}


def finding(sequence: int | None, damage: Damage) -> Finding:
    return Finding(sequence=sequence, damage=damage, explanation=EXPLANATIONS[damage])
