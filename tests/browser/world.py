"""What there is to see: made over HTTP with the pages' own forms, once."""

import io
import json
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin
from uuid import UUID

from PIL import Image, ImageDraw
from sqlalchemy import select

from lti_tool.accounts.models import Course, Person, Placement, PlacementKind
from lti_tool.config import origin_of
from lti_tool.db import now, transaction
from lti_tool.demo.models import Activity, LineItem
from lti_tool.demo.visitor import Page, SiteVisitor, form_fields
from lti_tool.files.store import FileStore
from lti_tool.gradebook.assignments.models import GradingMethod, MoodleAssignment
from lti_tool.grading.models import Submission
from lti_tool.grading.proposals.answers import choices_of
from lti_tool.grading.proposals.asking import propose
from lti_tool.grading.proposals.models import DraftItem, DraftRun, Purpose, RunWay
from lti_tool.grading.rubrics.versions import rubric_of
from lti_tool.llm.door import Door
from lti_tool.scans.delivery.arranging import arrange
from lti_tool.scans.delivery.models import Delivery, DeliveryTarget
from lti_tool.scans.delivery.states import Mode
from lti_tool.scans.models import Paper
from lti_tool.scans.states import PaperState
from tests.browser.campus import Campus, until
from tests.fakes.model_server import Reply
from tests.fixtures.patience import PATIENCE

SUBJECT = "STAT101"
ANSWER = """## The middle value

The **median** is the middle value once the data are sorted [1]. It does not care how far away the extremes are:

| measure | moved by extremes |
|---|---|
| mean | yes |
| median | no [1] |

```python
statistics.median([1, 2, 900])
```
"""
ESSAY = "The median, because one very rich family moves the mean and leaves the median where it was."


@dataclass(frozen=True, kw_only=True)
class World:
    """Paths under a launch, and the activities beside the four that the demo has."""

    conversation: str
    passage: str
    submission: str
    exemplar: str
    question: str
    pile: str
    proposal: str
    paper: str
    delivery: str
    run: str
    unplaced_id: int
    invitation: str
    campus: Campus

    def names(self, kind: PlacementKind) -> dict[str, object]:
        """What a visit's path may name."""
        activity = self.campus.activity_id(kind)
        with self.campus.platform.store.transaction() as rows:
            item = rows.scalars(select(LineItem.id).order_by(LineItem.id)).first()
        return {
            **vars(self),
            "activity": activity,
            "item": item,
            "nobody": self.campus.person_id("hugo"),
            "site": self.campus.platform.url,
            "tool": self.campus.tool_url,
        }


class Visitor(SiteVisitor):
    """Also sends files."""

    def __init__(self, campus: Campus, username: str) -> None:
        super().__init__(campus.platform.store)
        self.campus, self.username = campus, username

    def launch(self, kind: PlacementKind) -> Page:
        page = self.launch_as(self.username, self.campus.activity_id(kind))
        assert page.status == 200, page.text
        return page

    def upload(self, page: Page, part_of_action: str, files: list[tuple[str, bytes]], **changes: Any) -> Page:
        form = page.find_form(part_of_action)
        origin = origin_of(page.url)
        answer = self.http.post(
            urljoin(page.url, str(form["action"])),
            data={**form_fields(form), **changes},
            files=[("files", (name, content)) for name, content in files],
            headers={"Origin": origin},
            timeout=PATIENCE,
        )
        assert answer.status_code == 200, answer.text
        return self.open(answer.url)


def build_world(campus: Campus) -> World:
    """Amira has asked and handed in; Esther has her paper, two more wait to be matched."""
    amira, teresa = Visitor(campus, "amira"), Visitor(campus, "teresa")
    conversation, passage = _conversation(amira)
    task = amira.launch(PlacementKind.ACTIVITY)
    receipt = amira.upload(task, "/grading/submit", [("notes.txt", b"mean 4, median 2")], text=ESSAY)
    own = path_of(receipt, "/grading/submissions/")
    prepare_exam(teresa, ["esther", "felix"])
    release(teresa)
    delivery = _delivery(campus, Visitor(campus, "felix"))
    paper = prepare_exam(teresa, ["amira", "bruno"])
    _moodle_assignment(campus)
    with campus.platform.store.transaction() as rows:
        unplaced = Activity(course_id=1, tool_id=1, title="A plain link", custom={})
        rows.add(unplaced)
        rows.flush()
        unplaced_id = unplaced.id
    return World(
        conversation=conversation,
        passage=passage,
        submission=own,
        exemplar=_exemplar(Visitor(campus, "dmitri"), teresa),
        question=_question(teresa),
        pile=_pile(teresa),
        proposal=_proposal(campus, own),
        paper=paper,
        delivery=delivery,
        run=print_run(teresa),
        unplaced_id=unplaced_id,
        invitation=campus.invitation(),
        campus=campus,
    )


def _delivery(campus: Campus, student: Visitor) -> str:
    """A confirmed paper that waits for its student's key, of an exam whose papers go to an assignment; its path."""
    page = student.launch(PlacementKind.EXAM)
    page = student.submit(page, "/header", {"mine": "yes"})
    student.submit(page, "/confirm")
    with transaction(campus.runtime.engine) as session:
        paper = session.scalars(select(Paper).where(Paper.state == PaperState.CONFIRMED)).one()
        exam = session.get_one(Placement, paper.placement_id)
        target = DeliveryTarget(
            placement_id=exam.id,
            course_id=exam.course_id,
            mode=Mode.HAND_IN,
            number=502,
            module=1502,
            title="Written exam in Moodle",
            statement="This paper is all my own work.",
            chosen_by_id=session.scalars(select(Person.id).order_by(Person.id)).first(),
        )
        session.add(target)
        session.flush()
        arrange(session, target)
        return f"/scans/delivery/{session.scalars(select(Delivery.id)).one()}"


def _conversation(student: Visitor) -> tuple[str, str]:
    """One conversation put aside, one going on."""
    for _ in range(2):
        page = student.launch(PlacementKind.TUTOR)
        if page.content.select("li[data-turn]"):
            page = student.submit(page, "/tutor/conversations")
        student.campus.model.reply(Reply(text=ANSWER, is_streamed=True))
        student.submit(page, "/tutor/questions", {"text": "What is the median?"})
        until(lambda: "data-open" not in student.launch(PlacementKind.TUTOR).text)
    page = student.launch(PlacementKind.TUTOR)
    page = student.submit(page, "/questions/ask/", {"text": "Which software do we use for the median?"})
    history = student.open(urljoin(page.url, "conversations"))
    return path_of(history, "/tutor/conversations/"), path_of(page, "/material/passages/")


def _moodle_assignment(campus: Campus) -> None:
    """Chosen once, when there was a token; with everything that a list can say of one."""
    with transaction(campus.runtime.engine) as session:
        course = session.scalars(select(Course).order_by(Course.id)).first()
        assert course is not None
        placement = Placement(course_id=course.id, kind=PlacementKind.ACTIVITY, title="Essay in Moodle", points=50)
        session.add(placement)
        session.flush()
        session.add(
            MoodleAssignment(
                placement=placement,
                course_id=course.id,
                number=501,
                module=1501,
                maximum=50,
                method=GradingMethod.RUBRIC,
                is_blind=True,
                is_team=True,
                has_workflow=True,
                reason="There is no token for this course's Moodle.",
            )
        )


def _exemplar(student: Visitor, teacher: Visitor) -> str:
    """Work that the best level of each criterion was approved for; the path of its copy without names."""
    task = student.submit(student.launch(PlacementKind.ACTIVITY), "/grading/submit", {"text": ESSAY})
    own = path_of(task, "/grading/submissions/")
    desk = teacher.launch(PlacementKind.ACTIVITY)
    marking = teacher.open(re.sub(r"/grading.*", "", desk.url) + own)
    form = marking.find_form("/review")
    best = {str(radio["name"]): str(radio["value"]) for radio in form.select('input[type="radio"][name^="level-"]')}
    teacher.send(marking, form, {**best, "approve": "yes"})
    return own.replace("/submissions/", "/exemplars/from/")


def _proposal(campus: Campus, own: str) -> str:
    """What the assistant says of a submission, and a run that could not do all; the path of what the model saw."""
    submission_id = UUID(own.rsplit("/", 1)[1])
    store = FileStore.of(campus.runtime.settings)
    with transaction(campus.runtime.engine) as session:
        submission = session.get_one(Submission, submission_id)
        rubric = rubric_of(session, session.get_one(Placement, submission.placement_id))
        teacher = session.scalars(select(Person.id).order_by(Person.id)).first()
        assert rubric is not None and teacher is not None
        item = DraftItem(number=0, submission_id=submission.id, state="failed", error_code="answer_unreadable")
        session.add(
            DraftRun(
                placement_id=submission.placement_id,
                asked_by_id=teacher,
                purpose=Purpose.DRAFT,
                way=RunWay.AT_ONCE,
                state="succeeded",
                begins_at=now(),
                finished_at=now(),
                items=[item],
            )
        )
    said = {
        f"c{criterion.position}": {
            "evidence": ["one very rich family", "a quotation of nobody"],
            "reasons": "It names the measure and says why.",
            "level": choices_of(criterion)[-1].sign,
            "confidence": 80,
        }
        for criterion in rubric.criteria
    }
    opinion = json.dumps({"criteria": said, "feedback": "Well reasoned."})
    campus.model.reply(Reply(text=opinion, is_streamed=False))
    door = Door(engine=campus.runtime.engine, secrets=campus.runtime.secrets)
    proposal_id = propose(door, store, submission_id, Purpose.DRAFT)
    return f"/grading/drafts/{proposal_id}/seen"


def _question(teacher: Visitor) -> str:
    """The first question, of the first work that needs it."""
    desk = teacher.launch(PlacementKind.ACTIVITY)
    board = teacher.open(re.sub(r"/grading.*", "/grading/questions", desk.url))
    first = board.content.select_one('td a[href*="/grading/questions/"]')
    assert first is not None, board.text
    return re.sub(r"^/l/[^/]+", "", str(first["href"]))


def _pile(teacher: Visitor) -> str:
    """A table of work that is looked at and not taken."""
    desk = teacher.launch(PlacementKind.ACTIVITY)
    page = teacher.open(re.sub(r"/grading.*", "/grading/intake/pile", desk.url))
    answer = teacher.http.post(
        page.url,
        data=form_fields(page.find_form("/pile")),
        files=[("pile", ("texts.csv", b"name,text\nHugo O'Brien,The median.\nNobody,x\n"))],
        headers={"Origin": origin_of(page.url)},
        timeout=PATIENCE,
    )
    assert answer.status_code == 200, answer.text
    return answer.url[answer.url.index("/grading/intake") :]


def prepare_exam(teacher: Visitor, students: list[str]) -> str:
    """Upload a paper of each; the path of the first one that waits."""
    board = teacher.launch(PlacementKind.EXAM)
    if "/scans/staff/upload" not in board.text:
        board = teacher.submit(board, "/scans/staff/subject", {"code": SUBJECT})
    names = [f"{register_number(one)}_{SUBJECT}.pdf" for one in students]
    board = teacher.upload(board, "/scans/staff/upload", [(name, scan(name)) for name in names])
    return path_of(board, "/scans/staff/papers/")


def print_run(teacher: Visitor) -> str:
    """Set up the exam and order booklets; the path of their page."""
    board = teacher.launch(PlacementKind.EXAM)
    page = teacher.open(urljoin(board.url, "sheets/"))
    page = teacher.submit(page, "/scans/sheets/setup", {"subject": SUBJECT, "pages": "2"})
    page = teacher.submit(page, "/scans/sheets/print", {"label": "Room 1", "for": "anybody", "unnamed": "2"})
    return path_of(page, "/scans/sheets/runs/")


def release(teacher: Visitor) -> None:
    """Say of every paper that waits that it is its student's."""
    board = teacher.launch(PlacementKind.EXAM)
    teacher.submit(board, "/scans/staff/confirm", {"all": "yes"})


def register_number(username: str) -> str:
    order = ["amira", "bruno", "chiara", "dmitri", "esther", "felix", "gita", "hugo"]
    return str(230521100101 + order.index(username))


def scan(header: str, pages: int = 2) -> bytes:
    """A scanned paper: pictures of pages, without text."""
    pictures = []
    for number in range(1, pages + 1):
        picture = Image.new("L", (620, 877), 245)
        draw = ImageDraw.Draw(picture)
        draw.text((40, 40), header, fill=0, font_size=24)
        draw.text((40, 160), f"Page {number}: the answer to question {number}", fill=40, font_size=20)
        pictures.append(picture)
    written = io.BytesIO()
    pictures[0].save(written, "PDF", save_all=True, append_images=pictures[1:])
    return written.getvalue()


def path_of(page: Page, part: str) -> str:
    """The first link of the page with that part, without the launch's address."""
    found = re.search(rf'/l/[0-9a-f-]{{36}}({re.escape(part)}[^"?#]+)', page.text)
    assert found, f"{page.heading} links to no {part}: {page.text}"
    return found[1]
