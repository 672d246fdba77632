"""What the database, the disk and the course site hold after the kills, beside what was promised to whom."""

import hashlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from benchmarks.kills_installation import Installation
from benchmarks.kills_people import Kind, Ledger, Sent
from lti_tool.accounts.audit.verification import verify
from lti_tool.accounts.models import Person
from lti_tool.db import transaction
from lti_tool.demo.models import Grade as Cell
from lti_tool.files.models import StoredFile
from lti_tool.files.store import FileStore
from lti_tool.gradebook.models import Approval, Grade, Push, PushStatus
from lti_tool.grading.handing_in import receipt
from lti_tool.grading.models import Review, Submission, SubmissionState
from lti_tool.scans.handover.works import key_of
from lti_tool.scans.models import Paper, SentFile
from lti_tool.scans.states import SHOWN
from lti_tool.tutor.models import OPEN_STATES, Turn, TurnState


@dataclass(kw_only=True)
class Row:
    """One line of the table; the last four must be nought."""

    name: str
    sent: int = 0
    cut_off: int = 0
    acknowledged: int = 0
    refused: int = 0
    stored: int = 0
    lost: int = 0
    doubled: int = 0
    in_pieces: int = 0
    against_refusal: int = 0

    @property
    def is_good(self) -> bool:
        return not (self.lost or self.doubled or self.in_pieces or self.against_refusal)


@dataclass(kw_only=True)
class Findings:
    """The table, and sentences about what must not be."""

    rows: list[Row]
    complaints: list[str] = field(default_factory=list)
    facts: list[str] = field(default_factory=list)

    @property
    def is_good(self) -> bool:
        return all(row.is_good for row in self.rows) and not self.complaints


def check(installation: Installation, ledger: Ledger) -> Findings:
    """Compare everything; nothing is running in between that could still change it."""
    store = FileStore.of(installation.runtime.settings)
    with transaction(installation.engine) as session:
        findings = Findings(
            rows=[
                _row(ledger, Kind.MESSAGE, _whole_turns(session, ledger)),
                _row(ledger, Kind.SUBMISSION, _whole_submissions(session, ledger, store)),
                _row(ledger, Kind.PAPER, _whole_papers(session, ledger, store)),
                _row(ledger, Kind.APPROVAL, _whole_approvals(session, ledger)),
                _grades_at_the_site(session, installation),
            ],
            complaints=[
                *ledger.defects,
                *_turns(session, ledger),
                *_desk(session),
                *_halves(session, store),
                *_audit(session),
            ],
            facts=_facts(session, installation, ledger),
        )
    return findings


def _row(ledger: Ledger, kind: Kind, stored: dict[str, list[bool]]) -> Row:
    """`stored` says for each key of each stored thing whether it is whole."""
    row = Row(name=kind)
    for sent in ledger.of(kind):
        found = stored.get(sent.key, [])
        row.sent += 1
        row.cut_off += bool(sent.cut_off)
        row.acknowledged += sent.is_acknowledged
        row.refused += sent.is_refused
        row.stored += bool(found)
        row.lost += sent.is_acknowledged and not found
        row.doubled += len(found) > 1
        row.in_pieces += not all(found)
        row.against_refusal += sent.is_refused and bool(found)
    return row


def _collected(pairs: Iterable[tuple[str, bool]]) -> dict[str, list[bool]]:
    collected: dict[str, list[bool]] = {}
    for key, is_whole in pairs:
        collected.setdefault(key, []).append(is_whole)
    return collected


def _whole_turns(session: Session, ledger: Ledger) -> dict[str, list[bool]]:
    asked = {sent.key: sent.text for sent in ledger.of(Kind.MESSAGE)}
    turns = session.scalars(select(Turn))
    return _collected((turn.client_key, turn.question == asked.get(turn.client_key)) for turn in turns)


def _whole_submissions(session: Session, ledger: Ledger, store: FileStore) -> dict[str, list[bool]]:
    sent = {one.key: one for one in ledger.of(Kind.SUBMISSION)}
    found = session.scalars(select(Submission))
    return _collected((one.client_key, _is_as_sent(one, sent.get(one.client_key), store)) for one in found)


def _is_as_sent(submission: Submission, sent: Sent | None, store: FileStore) -> bool:
    if sent is None or submission.state != SubmissionState.SUBMITTED or submission.text != sent.text:
        return False
    files = {row.file.name: _bytes(store, row.file) for row in submission.files}
    return files == sent.files and submission.sha256 == receipt(submission)


def _whole_papers(session: Session, ledger: Ledger, store: FileStore) -> dict[str, list[bool]]:
    sent = {one.key: one for one in ledger.of(Kind.PAPER)}
    # A paper that is one whole file has the fingerprint of that file.
    found = session.execute(select(Paper, SentFile).join(SentFile, SentFile.sha256 == Paper.sha256))
    return _collected(
        (paper.sha256, _is_paper_as_sent(paper, file, sent.get(paper.sha256), store)) for paper, file in found
    )


def _is_paper_as_sent(paper: Paper, file: SentFile, sent: Sent | None, store: FileStore) -> bool:
    is_theirs = paper.person is not None and paper.name.startswith(paper.person.idnumber or "-")
    return (
        sent is not None and file.file is not None and sent.files == {file.name: _bytes(store, file.file)} and is_theirs
    )


def _whole_approvals(session: Session, ledger: Ledger) -> dict[str, list[bool]]:
    """An approval is whole with its grade, its points, a push and the review behind it."""
    points = {sent.key: sent.points for sent in ledger.of(Kind.APPROVAL)}
    reviewed = {(one.grade_id, one.grade_version) for one in session.scalars(select(Review))}
    pushed = set(session.scalars(select(Push.grade_id)))
    found = []
    for approval in session.scalars(select(Approval)):
        key = approval.comment[-len(next(iter(points), "")) :]
        has_review = (approval.grade_id, approval.grade_version) in reviewed
        found.append((key, approval.points == points.get(key) and has_review and approval.grade_id in pushed))
    drafts = session.scalars(select(Grade).where(~select(Approval.id).where(Approval.grade_id == Grade.id).exists()))
    return _collected([*found, *((grade.comment, False) for grade in drafts)])


def _grades_at_the_site(session: Session, installation: Installation) -> Row:
    """The newest approval of each person is what the site shows, and no score came twice."""
    row = Row(name="grades at the course site")
    arrivals = installation.site.arrivals
    row.sent = row.acknowledged = arrivals.total()
    row.doubled = sum(count > 1 for count in arrivals.values())
    shown = _shown_at_the_site(installation)
    for sub, approval in _newest_approvals(session):
        # The way back to the activity stands behind the approved words.
        is_there = any(
            (person, points) == (int(sub), float(approval.points)) and comment.startswith(approval.comment)
            for person, comment, points in shown
        )
        row.stored += is_there
        row.lost += not is_there
    return row


def _newest_approvals(session: Session) -> list[tuple[str, Approval]]:
    newest = select(Approval.grade_id, func.max(Approval.grade_version).label("version")).group_by(Approval.grade_id)
    last = newest.subquery()
    is_last = (Approval.grade_id == last.c.grade_id) & (Approval.grade_version == last.c.version)
    found = session.execute(
        select(Person.sub, Approval).join(Person, Person.id == Approval.person_id).join(last, is_last)
    )
    return [(sub, approval) for sub, approval in found]


def _shown_at_the_site(installation: Installation) -> set[tuple[int, str, float]]:
    with installation.site.store.transaction() as rows:
        return {(cell.person_id, cell.comment, float(cell.score or 0)) for cell in rows.scalars(select(Cell))}


def _turns(session: Session, ledger: Ledger) -> list[str]:
    """Every turn has ended, the last of each conversation well; what a browser saw finished is finished."""
    turns = session.scalars(select(Turn).order_by(Turn.conversation_id, Turn.position)).all()
    states = {turn.client_key: turn.state for turn in turns}
    last = {turn.conversation_id: turn for turn in turns}.values()
    seen = [sent.key for sent in ledger.of(Kind.MESSAGE) if sent.is_seen_finished]
    return [
        *(f"turn {turn.client_key} is still open" for turn in turns if turn.state in OPEN_STATES),
        *(f"the last turn is {turn.state}" for turn in last if turn.state != TurnState.SUCCEEDED),
        *(f"a turn was seen finished and is {states.get(key)}" for key in seen if states.get(key) != "succeeded"),
    ]


def _halves(session: Session, store: FileStore) -> list[str]:
    """Rows without their bytes, bytes that are not what their row says, work that nobody handed in."""
    files = session.scalars(select(StoredFile).where(StoredFile.sha256.in_(_uploaded(session))))
    damaged = [file.name for file in files if hashlib.sha256(_bytes(store, file) or b"").hexdigest() != file.sha256]
    drafts = session.scalar(select(func.count()).where(Submission.state == SubmissionState.DRAFT))
    return [f"the bytes of {name} are not those that came" for name in damaged] + [f"{drafts} drafts"] * bool(drafts)


def _desk(session: Session) -> list[str]:
    """Each paper that its student was shown is on the desk, once."""
    works = Counter(session.scalars(select(Submission.client_key)))
    shown = session.scalars(select(Paper).where(Paper.state.in_(SHOWN)))
    counts = ((paper.name, works[key_of(paper)]) for paper in shown)
    return [f"{name} is on the desk {count} times" for name, count in counts if count != 1]


def _uploaded(session: Session) -> set[str]:
    """The page to ask about has no bytes: the benchmark writes it."""
    return set(session.scalars(select(StoredFile.sha256).where(StoredFile.name != "Reader")))


def _audit(session: Session) -> list[str]:
    return [f"audit: {finding.sequence} {finding.damage}" for finding in verify(session)]


def _facts(session: Session, installation: Installation, ledger: Ledger) -> list[str]:
    """What shows that the kills hit somebody at work."""
    store = FileStore.of(installation.runtime.settings)
    states = Counter(session.scalars(select(Turn.state)))
    uncertain = Counter(session.scalars(select(Push.status)))
    orphans = sum(1 for path in store.root.glob("drafts/*"))
    return [
        f"turns: {', '.join(f'{count} {state}' for state, count in states.items())}",
        f"answers followed on another connection: {ledger.resumed}",
        f"pushes: {', '.join(f'{count} {PushStatus(state)}' for state, count in uncertain.items())}",
        f"unfinished files that the nightly sweep will delete: {orphans}",
    ]


def _bytes(store: FileStore, file: StoredFile) -> bytes | None:
    path = store.path_of(file.sha256)
    return path.read_bytes() if path.is_file() else None
