"""Photos and scans: shown to a model that sees them where the course says so, else never drafted from nothing."""

import base64
import io
import json
from decimal import Decimal
from typing import Any

import pytest
from PIL import Image
from sqlalchemy.orm import Session

from lti_tool.accounts.models import Placement
from lti_tool.errors import InvalidInput
from lti_tool.files.store import FileStore
from lti_tool.grading.proposals.batching import _requests
from lti_tool.grading.proposals.models import DraftItem, Flag, Proposal
from lti_tool.grading.proposals.pictures import is_readable
from lti_tool.grading.reading import ReadableWork, UnreadFile
from lti_tool.llm.door import Door
from lti_tool.site_settings.chat import MODEL_SEES
from lti_tool.site_settings.grading import MOST_WORK_PICTURES, WORK_PICTURES
from lti_tool.site_settings.store import write
from tests.fakes.model_server import ModelServer
from tests.files import samples
from tests.fixtures.people import Browser, House
from tests.grading.conftest import HandIn
from tests.grading.proposals.conftest import ESSAY, Propose, answer, judgement

PHOTO = samples.picture(size=(40, 30))


@pytest.fixture
def seeing(house: House) -> None:
    """The site's model sees, and the course lets work be shown to it."""
    write(house.session, MODEL_SEES, True)
    write(house.session, WORK_PICTURES, True, course_id=house.course.id)


def parts(server: ModelServer, request: int = 0) -> list[dict[str, Any]]:
    content: list[dict[str, Any]] = server.requests[request].content["messages"][-1]["content"]
    return content


def test_a_photo_alone_is_not_drafted_from_nothing(server: ModelServer, handed_in: HandIn, proposed: Propose) -> None:
    with pytest.raises(InvalidInput, match="work_unreadable"):
        proposed(handed_in("", photo__png=PHOTO))
    assert server.requests == []


@pytest.mark.parametrize("off", [MODEL_SEES, WORK_PICTURES], ids=["site", "course"])
def test_either_setting_keeps_pictures_in_the_house(
    server: ModelServer, house: House, seeing: None, handed_in: HandIn, proposed: Propose, off: Any
) -> None:
    write(house.session, off, False, course_id=house.course.id if off is WORK_PICTURES else None)
    server.reply(answer())
    proposal = proposed(handed_in(ESSAY, photo__png=PHOTO))
    assert "image_url" not in server.wire and "Not given to you: file 1." in server.wire
    assert proposal.flags == [Flag.UNREAD_FILES]


def test_a_photo_goes_out_plain_and_is_kept_by_its_place_alone(
    server: ModelServer, seeing: None, handed_in: HandIn, proposed: Propose
) -> None:
    server.reply(answer())
    proposal = proposed(handed_in("", Canary__png=PHOTO))
    text, picture = parts(server)
    assert "picture 1 is file 1." in text["text"] and "Canary" not in server.wire
    sent = Image.open(io.BytesIO(base64.b64decode(picture["image_url"]["url"].removeprefix("data:image/jpeg;base64,"))))
    assert (sent.format, sent.size) == ("JPEG", (40, 30))
    assert proposal.sent[1]["content"][1] == {
        "type": "page", "file": 1, "page": None, "sha256": proposal.submission.files[0].file.sha256,
    }  # fmt: skip
    assert "base64" not in json.dumps(proposal.sent)
    assert Flag.PICTURES in proposal.flags and Flag.UNREAD_FILES not in proposal.flags


def test_only_pages_without_text_go_out_and_no_more_than_the_limit(
    server: ModelServer, house: House, seeing: None, handed_in: HandIn, proposed: Propose
) -> None:
    write(house.session, MOST_WORK_PICTURES, 1)
    server.reply(answer())
    proposal = proposed(handed_in("", scan__pdf=samples.pdf("Leaves are green.", "", "")))
    text, *pictures = parts(server)
    assert "picture 1 is page 2 of file 1." in text["text"] and "Further pages could not be sent." in text["text"]
    assert len(pictures) == 1 and set(proposal.flags) >= {Flag.PICTURES, Flag.CUT}


def evidence(proposal: Proposal) -> list[tuple[str, int | None, bool, bool]]:
    return [(row.quote, row.file, row.is_struck, row.is_unchecked) for tick in proposal.ticks for row in tick.evidence]


def test_what_was_read_from_a_picture_is_unchecked_and_less_sure(
    server: ModelServer, seeing: None, handed_in: HandIn, proposed: Propose
) -> None:
    server.reply(answer(judgement(quote="[Picture 1]: x = 4"), judgement(quote="[picture 7] x = 5")))
    proposal = proposed(handed_in("", photo__png=PHOTO))
    assert evidence(proposal) == [("x = 4", 1, False, True), ("[picture 7] x = 5"[12:], None, True, False)]
    assert [tick.confidence for tick in proposal.ticks] == [Decimal("0.4"), Decimal("0.16")]
    assert Flag.QUOTES_STRUCK in proposal.flags


def test_what_stands_in_the_text_too_is_found_there(
    server: ModelServer, seeing: None, handed_in: HandIn, proposed: Propose
) -> None:
    server.reply(answer(judgement(quote="[picture 1] Leaves are green")))
    first = proposed(handed_in(ESSAY, photo__png=PHOTO)).ticks[0].evidence[0]
    assert (first.begins, first.file, first.is_unchecked) == (0, 0, False)


def test_another_picture_is_another_question(
    server: ModelServer, session: Session, seeing: None, handed_in: HandIn, proposed: Propose
) -> None:
    server.reply(answer(), answer())
    first = proposed(handed_in("", photo__png=PHOTO))
    second = proposed(handed_in("", photo__png=samples.picture(size=(41, 30))))
    assert first.input_hash != second.input_hash


def test_a_batch_leaves_pictures_to_its_lanes(
    server: ModelServer, seeing: None, door: Door, store: FileStore, handed_in: HandIn
) -> None:
    item = DraftItem(submission_id=handed_in("", photo__png=PHOTO).id)
    assert _requests(door, store, item) == []


def test_the_desk_says_that_the_assistant_cannot_read_a_photo(
    server: ModelServer, teacher: Browser, handed_in: HandIn, earned: None
) -> None:
    page = teacher.page(f"grading/submissions/{handed_in('', photo__png=PHOTO).id}")
    assert "The assistant cannot read this work" in page.text and "Draft a proposal" not in page.text


def test_where_it_sees_the_desk_offers_a_draft(
    server: ModelServer, seeing: None, teacher: Browser, handed_in: HandIn, earned: None
) -> None:
    page = teacher.page(f"grading/submissions/{handed_in('', photo__png=PHOTO).id}")
    assert "Draft a proposal" in page.text


def test_marker_and_student_are_told_what_goes_out(
    server: ModelServer, seeing: None, teacher: Browser, student: Browser, activity: Placement, handed_in: HandIn
) -> None:
    assert "with any name on them" in student.page("grading").text
    work = handed_in("", photo__png=PHOTO)
    assert "the model sees its pages as pictures" in teacher.page(f"grading/submissions/{work.id}/as-read").text


def test_the_proposal_shows_the_page_and_that_nobody_checked(
    server: ModelServer, seeing: None, teacher: Browser, handed_in: HandIn, proposed: Propose
) -> None:
    server.reply(answer(judgement(quote="[picture 1] x = 4")))
    work = handed_in("", photo__png=PHOTO)
    proposal = proposed(work)
    shown = teacher.page(f"grading/submissions/{work.id}").select_one("[data-unchecked]").parent.text
    assert "x = 4" in shown and "not checked" in shown
    seen = teacher.page(f"grading/drafts/{proposal.id}/seen")
    assert seen.select_one("figure img[src$='/files/1']") and "could not be hidden" in seen.text


@pytest.mark.parametrize("why", ["not_read_yet", "being_read"])
def test_what_is_still_being_read_is_not_called_unreadable(why: str, handed_in: HandIn) -> None:
    work = ReadableWork(text="", unread=(UnreadFile(number=1, why=why),))
    assert is_readable(work, handed_in("", scan__pdf=samples.pdf("")), 0)
