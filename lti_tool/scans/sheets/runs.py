"""Print runs: what is to be printed for a room or class, each booklet with a serial of its own, and the PDF of it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lti_tool.accounts import audit
from lti_tool.accounts.capabilities import Capability
from lti_tool.accounts.viewer import Viewer
from lti_tool.errors import InvalidInput, NotFound
from lti_tool.scans.exam import exam_of, student_for
from lti_tool.scans.file_names import NamePatterns
from lti_tool.scans.roster.numbers import entrants
from lti_tool.scans.sheets.codes import SheetCode, exam_mark, new_serial
from lti_tool.scans.sheets.models import Booklet, PrintRun, RunState, SheetKind
from lti_tool.scans.sheets.setup import setup_of

MOST_SHEETS = 1_000
MOST_PRINTED = 6_000
LONGEST_LABEL = 80
CONTINUATION_PAGES = 2


@dataclass(frozen=True, kw_only=True)
class Order:
    """What a teacher wants printed: for these students or for nobody in particular, and what is kept in reserve."""

    label: str = ""
    locale: str = ""
    has_names: bool = False
    people: tuple[int, ...] = ()
    unnamed: int = 0
    spares: int = 0
    continuations: int = 0
    is_labels: bool = False


def order_run(session: Session, viewer: Viewer, order: Order) -> PrintRun:
    """Give out the serials; the caller has the PDF drawn."""
    viewer.require(Capability.HANDLE_SCANS)
    exam = exam_of(session, viewer)
    setup = setup_of(exam)
    if not setup.subject or not setup.pages:
        raise InvalidInput("exam_not_set_up", "Set up the exam first: its subject code and its pages.")
    kinds = _kinds(session, viewer, order)
    pages = {SheetKind.CONTINUATION: CONTINUATION_PAGES}
    if len(kinds) > MOST_SHEETS or sum(pages.get(kind, setup.pages) for kind, _ in kinds) > MOST_PRINTED:
        raise InvalidInput("run_large", "This is too much for one PDF. Print it room by room.")
    run = PrintRun(
        placement_id=exam.id,
        label=" ".join(order.label.split())[:LONGEST_LABEL],
        locale=order.locale,
        digits=NamePatterns.of_course(session, viewer.course_id).digits,
        has_names=order.has_names,
        by_id=viewer.person_id,
    )
    session.add(run)
    session.flush()
    session.add_all(
        Booklet(
            serial=new_serial(),
            run_id=run.id,
            placement_id=exam.id,
            position=position,
            kind=kind,
            pages=pages.get(kind, setup.pages),
            person_id=person_id,
        )
        for position, (kind, person_id) in enumerate(kinds, start=1)
    )
    session.flush()
    _tell(session, viewer, run, len(kinds))
    return run


def _kinds(session: Session, viewer: Viewer, order: Order) -> list[tuple[SheetKind, int | None]]:
    """One entry a booklet, those with names in the order of the roster."""
    if min(order.unnamed, order.spares, order.continuations) < 0:
        raise InvalidInput("run_malformed", "Say how many with a whole number.")
    body = SheetKind.LABEL if order.is_labels else SheetKind.BOOKLET
    for person_id in order.people:
        student_for(session, viewer, person_id)
    chosen = frozenset(order.people)
    named = [entrant.person.id for entrant in entrants(session, viewer) if entrant.person.id in chosen]
    kinds: list[tuple[SheetKind, int | None]] = [(body, person_id) for person_id in named]
    kinds += [(body, None)] * order.unnamed
    if not order.is_labels:
        kinds += [(SheetKind.SPARE, None)] * order.spares + [(SheetKind.CONTINUATION, None)] * order.continuations
    if not kinds:
        raise InvalidInput("run_empty", "Say for whom, or how many booklets are to be printed.")
    return kinds


def runs_of(session: Session, viewer: Viewer) -> list[PrintRun]:
    """The print runs of the viewer's exam, the newest first."""
    viewer.require(Capability.HANDLE_SCANS)
    exam = exam_of(session, viewer)
    return list(
        session.scalars(select(PrintRun).where(PrintRun.placement_id == exam.id).order_by(PrintRun.created_at.desc()))
    )


def counts_of(session: Session, runs: Iterable[PrintRun]) -> dict[UUID, dict[str, int]]:
    """How many booklets of each kind each run has."""
    ids = [run.id for run in runs]
    counts: dict[UUID, dict[str, int]] = {run_id: {} for run_id in ids}
    found = select(Booklet.run_id, Booklet.kind, func.count()).where(Booklet.run_id.in_(ids))
    for run_id, kind, count in session.execute(found.group_by(Booklet.run_id, Booklet.kind)):
        counts[run_id][kind] = count
    return counts


def run_for(session: Session, viewer: Viewer, run_id: UUID) -> PrintRun:
    """A print run of the viewer's exam; raises NotFound."""
    viewer.require(Capability.HANDLE_SCANS)
    exam = exam_of(session, viewer)
    run = session.scalar(select(PrintRun).where(PrintRun.id == run_id, PrintRun.placement_id == exam.id))
    if run is None:
        raise NotFound("run_unknown")
    return run


def booklets_of(session: Session, run: PrintRun) -> list[Booklet]:
    """The booklets of a run in the order of the PDF."""
    return list(session.scalars(select(Booklet).where(Booklet.run_id == run.id).order_by(Booklet.position)))


def codes_of(booklet: Booklet) -> list[SheetCode]:
    """What the codes of a booklet's pages say, the cover first; a sticker has one."""
    first, last = (0, 0) if booklet.kind == SheetKind.LABEL else (1, booklet.pages)
    mark = exam_mark(booklet.placement_id)
    return [SheetCode(exam=mark, serial=booklet.serial, page=page) for page in range(first, last + 1)]


def find_booklet(session: Session, placement_id: UUID, code: SheetCode) -> Booklet | None:
    """The booklet that a code names, if it was printed for this exam and has such a page."""
    booklet = session.get(Booklet, code.serial)
    if booklet is None or booklet.placement_id != placement_id or code not in codes_of(booklet):
        return None
    return booklet


def give_out(session: Session, viewer: Viewer, run: PrintRun, given: Mapping[str, int]) -> None:
    """Note who got which unnamed booklet in the hall, by its serial; what was noted wrongly is noted again."""
    viewer.require(Capability.HANDLE_SCANS)
    for serial, person_id in sorted(given.items()):
        booklet = session.scalar(select(Booklet).where(Booklet.serial == serial, Booklet.run_id == run.id))
        if booklet is None or booklet.kind == SheetKind.CONTINUATION:
            raise InvalidInput("booklet_unknown", "“%(serial)s” is no booklet of this run.", {"serial": serial})
        booklet.person_id = student_for(session, viewer, person_id).id
        if booklet.kind == SheetKind.SPARE:
            booklet.kind = SheetKind.BOOKLET
    session.flush()
    audit.by(
        session, viewer, "scans.given_out", object_type="print_run", object_id=run.id, details={"booklets": len(given)}
    )


def given_in(session: Session, viewer: Viewer, text: str) -> dict[str, int]:
    """Whose each booklet is, from lines of its code and a register number; raises InvalidInput for any other."""
    known = {entrant.number: entrant.person.id for entrant in entrants(session, viewer) if entrant.is_usable}
    given: dict[str, int] = {}
    for line in filter(None, (line.strip() for line in text.splitlines())):
        *serial, number = line.replace(",", " ").replace(";", " ").split() or [""]
        if number not in known:
            raise InvalidInput(
                "number_unknown", "“%(line)s” ends with no register number of a student.", {"line": line}
            )
        given["".join(serial).partition("/")[0].upper()] = known[number]
    if not given:
        raise InvalidInput("given_empty", "Write one line for each booklet: its code and the register number.")
    return given


def keep_file(session: Session, run_id: UUID, file_id: UUID | None) -> None:
    """The PDF of a run, or that it could not be drawn."""
    run = session.get_one(PrintRun, run_id, with_for_update=True)
    run.file_id = file_id
    run.state = RunState.READY if file_id else RunState.FAILED
    session.flush()


def _tell(session: Session, viewer: Viewer, run: PrintRun, count: int) -> None:
    audit.by(
        session,
        viewer,
        "scans.printed",
        object_type="print_run",
        object_id=run.id,
        details={"booklets": count, "has_names": run.has_names},
    )
