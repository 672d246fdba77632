"""A course full of what strangers must not see, and the strongest strangers.

treasure        ids of the course's objects by the names that addresses and forms give them
strangers_at    a teacher of another course, and a teacher and an administrator of another platform, in every placement
"""

import io
from collections.abc import Mapping
from decimal import Decimal
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.accounts.models import Course, Membership, Person, Placement, PlacementKind, Role
from lti_tool.accounts.viewer import Viewer
from lti_tool.content.models import Chunk
from lti_tool.db import now
from lti_tool.files.media_types import MediaType
from lti_tool.files.store import FileStore
from lti_tool.gradebook.approval import approve
from lti_tool.gradebook.assignments.models import GradingMethod, MoodleAssignment
from lti_tool.grading.desk.bank import keep_comment
from lti_tool.grading.desk.notes import write_note
from lti_tool.grading.handing_in import SentFile, Work, hand_in
from lti_tool.grading.intake.uploads import keep_upload
from lti_tool.grading.marking_form import Marking, TickInput
from lti_tool.grading.models import Submission
from lti_tool.grading.pagemarks.models import MarkKind, PageMark
from lti_tool.grading.proposals.models import DraftItem, DraftRun, Purpose, RunWay
from lti_tool.grading.regrades import ask_regrade
from lti_tool.grading.reviewing import save_review
from lti_tool.grading.rubrics.exemplars.keeping import Answer, Choice, keep_typed
from lti_tool.grading.rubrics.versions import rubric_of
from lti_tool.lti.models import Deployment, Platform, Registration
from lti_tool.runtime import Runtime
from lti_tool.scans.delivery.models import Delivery, DeliveryTarget
from lti_tool.scans.delivery.states import DeliveryState, Kind, Mode
from lti_tool.scans.exam import set_subject
from lti_tool.scans.file_names import NameReading
from lti_tool.scans.intake.keys import keys_of, make_key
from lti_tool.scans.intake.parts import PartsFolder, begin
from lti_tool.scans.models import Batch, Paper
from lti_tool.scans.pages.arranging import pages_of
from lti_tool.scans.running.exports import ask_export
from lti_tool.scans.sheets.codes import new_serial
from lti_tool.scans.sheets.models import Booklet, PrintRun, SheetKind
from lti_tool.scans.states import Report, VerificationKind
from lti_tool.scans.steps import begin_step, last_step
from lti_tool.scans.verifications import verify
from lti_tool.tutor.attachments.models import AttachmentKind, TurnAttachment
from lti_tool.tutor.escalation.models import Escalation, EscalationAsker
from lti_tool.tutor.models import Conversation, Outcome, Turn, TurnCitation, TurnState
from tests.files import samples
from tests.fixtures.people import Browser, House, bind_launch, place_all
from tests.fixtures.services import viewer_of
from tests.grading.proposals.conftest import said_of
from tests.scans.conftest import paper_of, sent_file
from tests.tutor.conftest import add_material

ACTIVITY, EXAM = PlacementKind.ACTIVITY, PlacementKind.EXAM
SECRET = "zebrafinch"
RUBRIC = {"rubric": [{"title": f"Clarity {SECRET}", "points": 10}]}

Treasure = Mapping[str, object]


@pytest.fixture
def treasure(house: House, runtime: Runtime) -> Treasure:
    return bury_treasure(house, runtime)


def bury_treasure(house: House, runtime: Runtime) -> Treasure:
    store = FileStore.of(runtime.settings)
    return {
        **_material(house),
        **_talk(house, store),
        **_work(house, store),
        **_paper(house, runtime),
        **_places(house),
    }


def strangers_at(house: House, app: Flask) -> list[Browser]:
    foreign = _foreign_house(house)
    who = ((house, "outsider"), (foreign, "teacher"), (foreign, "administrator"))
    return [_entered(app, home, name, kind) for home, name in who for kind in PlacementKind]


def _material(house: House) -> Treasure:
    add_material(house.session, house.course.id, {f"{SECRET}.pdf": [f"The {SECRET} sings."]})
    chunk = house.session.scalars(select(Chunk)).one()
    return {"chunk_id": chunk.id, "source_id": chunk.source_id}


def _talk(house: House, store: FileStore) -> Treasure:
    session = house.session
    conversation = Conversation(course_id=house.course.id, person_id=house.student.id, archived_at=now())
    session.add(conversation)
    session.flush()
    turn = Turn(
        conversation_id=conversation.id,
        position=1,
        client_key=str(uuid4()),
        question=f"What is a {SECRET}?",
        state=TurnState.SUCCEEDED,
        outcome=Outcome.ANSWER,
        answer_markdown=f"A {SECRET} is a bird [1].",
        finished_at=now(),
    )
    session.add(turn)
    session.flush()
    cited = TurnCitation(turn_id=turn.id, number=1, chunk_id=1, title=SECRET, locator="p. 1", quotation=SECRET)
    question = Escalation(
        course_id=house.course.id, question=turn.question, fingerprint=SECRET, tutor_said=turn.answer_markdown
    )
    session.add_all([cited, question])
    session.flush()
    session.add(EscalationAsker(turn_id=turn.id, escalation_id=question.id, person_id=house.student.id))
    session.flush()
    asked = {"escalation_id": question.id, "other_id": question.id, "attachment_id": _attachment(house, turn, store)}
    return {"conversation_id": conversation.id, "turn_id": turn.id, **asked}


def _attachment(house: House, turn: Turn, store: FileStore) -> UUID:
    content = io.BytesIO(SECRET.encode())
    stored = store.put(
        house.session, content, name=f"{SECRET}.txt", media_type=MediaType.TEXT, course_id=house.course.id
    )
    attachment = TurnAttachment(
        course_id=house.course.id,
        person_id=house.student.id,
        turn_id=turn.id,
        file=stored,
        kind=AttachmentKind.DOCUMENT,
        text=SECRET,
    )
    house.session.add(attachment)
    house.session.flush()
    return attachment.id


def _work(house: House, store: FileStore) -> Treasure:
    """Handed in with a file, marked, approved, and asked about."""
    session, placement = house.session, house.placements[ACTIVITY]
    placement.options = RUBRIC
    session.flush()
    student, teacher = viewer_of(house, "student", ACTIVITY), viewer_of(house, "teacher", ACTIVITY)
    sent = SentFile(name=f"{SECRET}.txt", stream=io.BytesIO(SECRET.encode()))
    work = Work(client_key=str(uuid4()), text=f"My essay on the {SECRET}", files=[sent])
    submission = hand_in(session, student, placement, work, store)
    grade = _approved(session, teacher, house, submission)
    exemplar = _exemplar(session, teacher, placement)
    pile = {"pile_id": _pile(house, teacher, store)}
    request = ask_regrade(session, student, placement, f"The {SECRET} was right.")
    note = write_note(session, teacher, placement, submission.person_id, f"No {SECRET}")
    comment = keep_comment(session, teacher, placement, f"See {SECRET}", is_shared=True)
    desk = {"note_id": note.id, "comment_id": comment.id}
    proposed = _proposal(house, submission)
    marks = {"mark_id": _page_mark(house, submission)}
    return {
        "submission_id": submission.id,
        **marks,
        "grade_id": grade,
        "request_id": request.id,
        **desk,
        **exemplar,
        **pile,
        **proposed,
    }


def _page_mark(house: House, submission: Submission) -> UUID:
    mark = PageMark(
        submission_id=submission.id,
        marker_id=house.teacher.id,
        client_key=SECRET,
        file_number=1,
        page=1,
        kind=MarkKind.COMMENT,
        x=Decimal("0.5"),
        y=Decimal("0.5"),
        text=SECRET,
    )
    house.session.add(mark)
    house.session.flush()
    return mark.id


def _approved(session: Session, teacher: Viewer, house: House, submission: Submission) -> int:
    placement = house.placements[ACTIVITY]
    rubric = rubric_of(session, placement)
    assert rubric is not None
    ticks = {criterion.id: TickInput(points=Decimal(7)) for criterion in rubric.criteria}
    marking = Marking(rubric_id=rubric.id, seen=0, ticks=ticks, feedback=f"Nice {SECRET}")
    grade = save_review(session, teacher, placement, submission, marking)
    approve(session, teacher, grade)
    return grade.id


def _proposal(house: House, submission: Submission) -> Treasure:
    """What a model said of the work, and a run that asked for more."""
    rubric = rubric_of(house.session, house.placements[ACTIVITY])
    assert rubric is not None
    proposal = said_of(submission, rubric, clarity=7)
    proposal.feedback = f"More {SECRET}"
    proposal.sent = [{"role": "user", "content": f"The {SECRET} was right."}]
    run = DraftRun(
        placement_id=submission.placement_id,
        asked_by_id=house.teacher.id,
        purpose=Purpose.DRAFT,
        way=RunWay.AT_ONCE,
        begins_at=now(),
        items=[DraftItem(number=0, submission_id=submission.id)],
    )
    house.session.add_all([proposal, run])
    house.session.flush()
    return {"proposal_id": proposal.id, "draft_run_id": run.id}


def _exemplar(session: Session, teacher: Viewer, placement: Placement) -> Treasure:
    rubric = rubric_of(session, placement)
    assert rubric is not None
    choices = {rubric.criteria[0].id: Choice(level_id=rubric.criteria[0].levels[0].id)}
    exemplar = keep_typed(session, teacher, placement, rubric, Answer(text=f"A {SECRET} sings"), choices)
    return {"exemplar_id": exemplar.id, "version": rubric.version, "criterion_id": rubric.criteria[0].id}


def _pile(house: House, teacher: Viewer, store: FileStore) -> UUID:
    table = io.BytesIO(f"name,text\n{SECRET},{SECRET}".encode())
    return keep_upload(house.session, teacher, house.placements[ACTIVITY], table, f"{SECRET}.csv", store, 1000).id


def _paper(house: House, runtime: Runtime) -> Treasure:
    store = FileStore.of(runtime.settings)
    session, teacher = house.session, viewer_of(house, "teacher", EXAM)
    set_subject(session, teacher, SECRET.upper())
    batch = Batch(id=uuid4(), placement_id=house.placements[EXAM].id, uploaded_by_id=teacher.person_id)
    session.add(batch)
    session.flush()
    number = house.student.idnumber
    name = f"{number}_{SECRET.upper()}.pdf"
    content = io.BytesIO(samples.pdf(f"{SECRET} answers"))
    stored = store.put(session, content, name=name, media_type=MediaType.PDF, course_id=house.course.id)
    sent = sent_file(session, batch, stored, 1)
    reading = NameReading(register_number=number, subject_code=SECRET.upper())
    paper = paper_of(session, house.placements[EXAM], sent, reading)
    (page,) = pages_of(session, paper)
    said = verify(
        session,
        runtime.secrets,
        viewer_of(house, "student", EXAM),
        paper,
        VerificationKind.PROBLEM,
        report=Report.OTHER,
        message=SECRET,
    )
    export = ask_export(session, teacher, is_for_moodle=False, module=None, numbers={})
    export.file, export.papers = stored, 1
    make_key(session, teacher, SECRET)
    begin_step(session, teacher, "rotated", [paper])
    step = last_step(session, teacher)
    assert step is not None
    parts = PartsFolder(store.root)
    upload = begin(session, teacher, parts, name=SECRET, size=9, fingerprint=SECRET, batch_id=batch.id)
    doors = {"key_id": keys_of(session, teacher)[0].id, "upload_id": upload.id}
    return {
        **_printed(house),
        "paper_id": paper.id,
        "binding": paper.binding,
        "batch_id": batch.id,
        "page_id": page.id,
        "step": step.id,
        "report_id": said.id,
        "export_id": export.id,
        "delivery_id": _delivery(house, paper),
        **doors,
    }


def _delivery(house: House, paper: Paper) -> UUID:
    """On its way to an assignment of Moodle, and seen to by hand."""
    target = DeliveryTarget(
        placement_id=paper.placement_id,
        course_id=house.course.id,
        mode=Mode.FEEDBACK,
        number=777,
        module=1777,
        title=f"Exam {SECRET}",
        chosen_by_id=house.teacher.id,
    )
    house.session.add(target)
    house.session.flush()
    delivery = Delivery(
        key="a" * 64,
        target_id=target.id,
        paper_id=paper.id,
        binding=paper.binding,
        person_id=house.student.id,
        kind=Kind.SCAN,
        state=DeliveryState.SETTLED,
        note=f"Put the {SECRET} there",
        settled_by_id=house.teacher.id,
        next_try_at=now(),
    )
    house.session.add(delivery)
    house.session.flush()
    return delivery.id


def _printed(house: House) -> Treasure:
    """A print run with a booklet of a student who must not be named to strangers."""
    run = PrintRun(placement_id=house.placements[EXAM].id, label=SECRET, digits=12, by_id=house.teacher.id)
    house.session.add(run)
    house.session.flush()
    serial = {"serial": new_serial(), "position": 1, "kind": SheetKind.BOOKLET, "pages": 4}
    house.session.add(Booklet(run_id=run.id, placement_id=run.placement_id, person_id=house.student.id, **serial))
    house.session.flush()
    return {"run_id": run.id}


def _places(house: House) -> Treasure:
    assignment = MoodleAssignment(
        placement_id=house.placements[ACTIVITY].id,
        course_id=house.course.id,
        number=501,
        module=1501,
        maximum=10,
        method=GradingMethod.POINTS,
        reason=SECRET,
    )
    house.session.add(assignment)
    house.session.flush()
    return {
        "person_id": house.student.id,
        "registration_id": house.registration.id,
        "placement_id": house.placements[ACTIVITY].id,
        "job_id": 1,
        "task": "content.reindex",
        "number": 1,
        "page": 1,
    }


def _foreign_house(house: House) -> House:
    """Another institution that shares the installation; its administrators do not administer the tool."""
    session = house.session
    platform = Platform(issuer="http://elsewhere.test", name="Elsewhere")
    registration = Registration(
        platform=platform, client_id="x", authorization_endpoint="", token_endpoint="", keyset_url=""
    )
    deployment = Deployment(registration=registration, deployment_id="1")
    course = Course(deployment=deployment, context_id="2", title="Elsewhere's course")
    session.add_all([deployment, course])
    session.flush()
    people = {}
    for name, role in (("teacher", Role.TEACHER), ("administrator", Role.ADMINISTRATOR)):
        people[name] = Person(platform_id=platform.id, sub=house.people[name].sub, name=f"Foreign {name}")
        session.add(people[name])
        session.flush()
        session.add(Membership(course_id=course.id, person_id=people[name].id, launch_role=role, roster_role=role))
    placements, links = place_all(session, course)
    return House(
        session=session,
        platform=platform,
        registration=registration,
        deployment=deployment,
        course=course,
        other_course=course,
        people=people,
        placements=placements,
        links=links,
        other_links=links,
    )


def _entered(app: Flask, house: House, name: str, kind: PlacementKind) -> Browser:
    browser_id = f"browser-{uuid4()}"
    launch = bind_launch(house, name, kind, browser_id)
    launch_id: UUID = launch.id
    return Browser(app, house, launch_id, browser_id)
