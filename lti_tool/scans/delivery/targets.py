"""The Moodle assignment that the papers of an exam go to: what Moodle offers, why one cannot be it, choosing, stopping.

With a feedback file the grade goes there too, so the assignment's rubric becomes the exam's: gradebook sends what was
approved, and nothing else ever does.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.accounts import audit
from lti_tool.accounts.capabilities import Capability
from lti_tool.accounts.models import Placement
from lti_tool.accounts.viewer import Viewer
from lti_tool.content.extraction.html import sections_of
from lti_tool.errors import InvalidInput, NotFound
from lti_tool.gradebook.assignments.models import GradingMethod, MoodleAssignment
from lti_tool.gradebook.models import Push
from lti_tool.grading.assignments.choosing import keep_rubric
from lti_tool.grading.assignments.offered import moodle_course
from lti_tool.moodle.assignment_rules import AssignmentRules, rules_of_course
from lti_tool.moodle.client import Connect, MoodleClient, guarded
from lti_tool.moodle.definitions import MoodleDefinition, find_definition
from lti_tool.moodle.functions import FEEDBACK_FILES, WATCHING, Unlocked, unlocking
from lti_tool.moodle.site import ask_site
from lti_tool.runtime import Runtime
from lti_tool.scans.delivery.arranging import arrange, withdraw_open
from lti_tool.scans.delivery.models import DeliveryTarget
from lti_tool.scans.delivery.states import Mode
from lti_tool.scans.exam import exam_of, lock_exam

NEEDED = {Mode.FEEDBACK: FEEDBACK_FILES, Mode.HAND_IN: WATCHING}
PDF_TYPES = (".pdf", "application/pdf", "document", "*")


@dataclass(frozen=True, kw_only=True)
class Offered:
    """An assignment, and why papers cannot go to it in each way."""

    rules: AssignmentRules
    refusals: dict[Mode, InvalidInput | None]


@dataclass(frozen=True, kw_only=True)
class Offer:
    """What Moodle has, and what the token lacks for each way."""

    assignments: Sequence[Offered]
    tokens: dict[Mode, Unlocked]


def active_target(session: Session, placement_id: UUID) -> DeliveryTarget | None:
    """Where the papers of an exam go; None where they stay here."""
    return session.scalar(
        select(DeliveryTarget).where(DeliveryTarget.placement_id == placement_id, DeliveryTarget.is_active)
    )


def offer(runtime: Runtime, session: Session, viewer: Viewer, *, connect: Connect = guarded) -> Offer:
    """Ask Moodle; raises as the calls do."""
    viewer.require(Capability.MANAGE)
    exam = exam_of(session, viewer)
    course = moodle_course(runtime, session, viewer.course_id)
    with MoodleClient(runtime.engine, course.access, connect=connect) as client:
        site = ask_site(client)
        tokens = {
            mode: unlocking(needed, site.functions, may_download=site.may_download, may_upload=site.may_upload)
            for mode, needed in NEEDED.items()
        }
        found = rules_of_course(client, course.number) if not tokens[Mode.HAND_IN].missing else []
    return Offer(assignments=[_offered(session, exam, rules) for rules in found], tokens=tokens)


def choose_target(
    runtime: Runtime, session: Session, viewer: Viewer, number: int, mode: Mode, *, connect: Connect = guarded
) -> DeliveryTarget:
    """Let the confirmed papers go there from now on. Raises InvalidInput, NotFound, or as the calls do."""
    viewer.require(Capability.MANAGE)
    rules, definition = _ask(runtime, session, viewer, number, connect)
    exam = lock_exam(session, viewer)
    if refusal := why_not(rules, mode) or _taken(session, exam, rules.number):
        raise refusal
    _stop(session, exam)
    takes_grades = mode is Mode.FEEDBACK and rules.listed.points > 0 and exam.points is not None
    if takes_grades:
        _take_grades(session, viewer, exam, rules, definition)
    target = _same_before(session, exam, number, mode) or DeliveryTarget(
        placement_id=exam.id, course_id=viewer.course_id, mode=mode, number=number
    )
    target.module, target.title, target.takes_grades = rules.listed.module, rules.listed.name, takes_grades
    target.statement = statement_text(rules) if mode is Mode.HAND_IN else ""
    target.is_active, target.chosen_by_id = True, viewer.person_id
    session.add(target)
    session.flush()
    _tell(session, viewer, exam, "scans.target_chosen", {"mode": mode, "number": rules.number})
    arrange(session, target)
    return target


def stop_delivery(session: Session, viewer: Viewer) -> None:
    """What lies in Moodle stays there; nothing more is sent."""
    viewer.require(Capability.MANAGE)
    exam = lock_exam(session, viewer)
    _stop(session, exam)
    _tell(session, viewer, exam, "scans.target_stopped", {})


def why_not(rules: AssignmentRules, mode: Mode) -> InvalidInput | None:
    """Why papers cannot go to an assignment in this way; None where they can."""
    listed = rules.listed
    if listed.is_team:
        return InvalidInput("assignment_team", "Students hand in as groups there: a paper would become everybody's.")
    if listed.is_blind:
        return InvalidInput("assignment_blind", "Marking is blind there, and a scan shows number and handwriting.")
    return _no_feedback(rules) if mode is Mode.FEEDBACK else _no_work(rules)


def statement_text(rules: AssignmentRules) -> str:
    """What students must accept when they hand in there, as they read it; empty where nothing is asked."""
    if not rules.needs_statement:
        return ""
    parts = [part for each in sections_of(rules.statement) for part in (each["heading"], each["text"]) if part]
    return "\n\n".join(parts)


def takes_pdf(rules: AssignmentRules) -> bool:
    """Whether a PDF is among the kinds of files that it takes."""
    kinds = rules.file_types.replace(";", ",").replace(" ", ",").split(",")
    listed = [kind.strip().lower() for kind in kinds if kind.strip()]
    return not listed or any(kind in PDF_TYPES for kind in listed)


def _no_feedback(rules: AssignmentRules) -> InvalidInput | None:
    if not rules.gives_files:
        return InvalidInput("assignment_no_files", "Feedback files are switched off in its settings in Moodle.")
    if rules.is_reopened_by_grades:
        return InvalidInput("assignment_reopens", "Moodle opens a new attempt whenever feedback is saved there.")
    return None


def _no_work(rules: AssignmentRules) -> InvalidInput | None:
    if not rules.listed.takes_work or not rules.takes_files:
        return InvalidInput("assignment_takes_no_files", "Students hand in no files there.")
    if rules.is_timed:
        return InvalidInput("assignment_timed", "Its time limit starts a clock, which a scanned paper cannot keep.")
    if not takes_pdf(rules):
        return InvalidInput("assignment_no_pdf", "It takes no PDF files.")
    return None


def _offered(session: Session, exam: Placement, rules: AssignmentRules) -> Offered:
    taken = _taken(session, exam, rules.number)
    return Offered(rules=rules, refusals={mode: why_not(rules, mode) or taken for mode in Mode})


def _taken(session: Session, exam: Placement, number: int) -> InvalidInput | None:
    """One activity of ours stands for an assignment: two would write over each other's grades."""
    others = (
        select(MoodleAssignment.placement_id).where(
            MoodleAssignment.course_id == exam.course_id, MoodleAssignment.number == number
        ),
        select(DeliveryTarget.placement_id).where(
            DeliveryTarget.course_id == exam.course_id, DeliveryTarget.number == number, DeliveryTarget.is_active
        ),
    )
    if any(owner != exam.id for found in others for owner in session.scalars(found)):
        return InvalidInput("assignment_taken", "Another activity of Lectern works with it already.")
    return None


def _ask(
    runtime: Runtime, session: Session, viewer: Viewer, number: int, connect: Connect
) -> tuple[AssignmentRules, MoodleDefinition | None]:
    course = moodle_course(runtime, session, viewer.course_id)
    with MoodleClient(runtime.engine, course.access, connect=connect) as client:
        found = next((rules for rules in rules_of_course(client, course.number) if rules.number == number), None)
        if found is None:
            raise NotFound("assignment_unknown", "Moodle has no such assignment in this course any more.")
        return found, find_definition(client, found.listed.module) if found.gives_files else None


def _same_before(session: Session, exam: Placement, number: int, mode: Mode) -> DeliveryTarget | None:
    """Chosen again, it goes on where it stopped."""
    return session.scalar(
        select(DeliveryTarget).where(
            DeliveryTarget.placement_id == exam.id, DeliveryTarget.number == number, DeliveryTarget.mode == mode
        )
    )


def _stop(session: Session, exam: Placement) -> None:
    target = active_target(session, exam.id)
    if target is None:
        return
    withdraw_open(session, target)
    target.is_active = False
    kept = session.scalar(select(MoodleAssignment).where(MoodleAssignment.placement_id == exam.id))
    if kept is not None and not _was_used(session, kept):
        session.delete(kept)
    session.flush()


def _was_used(session: Session, assignment: MoodleAssignment) -> bool:
    found = select(Push.id).where(Push.moodle_assignment_id == assignment.id)
    return session.scalar(found.limit(1)) is not None


def _take_grades(
    session: Session,
    viewer: Viewer,
    exam: Placement,
    rules: AssignmentRules,
    definition: MoodleDefinition | None,
) -> None:
    """Gradebook sends approved grades wherever such a row points."""
    kept = session.scalar(select(MoodleAssignment).where(MoodleAssignment.placement_id == exam.id))
    if kept is not None and kept.number != rules.number:
        raise InvalidInput("assignment_has_grades", "Grades of this exam were sent to another assignment already.")
    if kept is None:
        kept = MoodleAssignment(
            placement_id=exam.id, placement=exam, course_id=exam.course_id, number=rules.number, is_polled=False
        )
    kept.module, kept.maximum, kept.method = rules.listed.module, Decimal(rules.listed.points), GradingMethod.POINTS
    kept.has_workflow = rules.listed.has_workflow
    session.add(kept)
    session.flush()
    if definition is not None:
        keep_rubric(session, viewer, kept, definition)


def _tell(session: Session, viewer: Viewer, exam: Placement, action: str, details: dict[str, object]) -> None:
    audit.by(session, viewer, action, object_type="placement", object_id=exam.id, details=details)
