"""Where names are hidden, a marker does not see what of a page says whose it is, by no way."""

import io
from pathlib import Path

import pytest
from PIL import Image
from sqlalchemy.orm import Session

from lti_tool.accounts.models import Placement
from lti_tool.files.media_types import MediaType
from lti_tool.files.page_images import page_image
from lti_tool.files.store import FileStore
from lti_tool.gradebook.options import MarkingOptions, change_marking_options
from lti_tool.grading.covering import covered_picture
from lti_tool.grading.handing_in import submit_work
from lti_tool.grading.models import Submission, SubmissionFile
from lti_tool.grading.reading import readable_work
from tests.files import samples
from tests.fixtures.people import Browser, House


@pytest.fixture
def paper(session: Session, house: House, activity: Placement, store: FileStore) -> Submission:
    """Two pages; the upper half of the first says whose it is."""
    work = Submission(placement_id=activity.id, person_id=house.student.id, attempt=1, client_key="paper", text="")
    session.add(work)
    session.flush()
    content = io.BytesIO(samples.pdf("Sofia 4711" + "\n" * 40 + "Begun here", "The answer"))
    stored = store.put(session, content, name="paper.pdf", media_type=MediaType.PDF)
    work.files.append(SubmissionFile(number=1, file=stored, pages=2, covered={"1": 0.5}))
    session.flush()
    submit_work(session, work)
    return work


def darkest(picture: Path, *, is_upper: bool) -> int:
    with Image.open(picture) as image:
        half = image.height // 2
        box = (0, 0, image.width, half - 9) if is_upper else (0, half + 9, image.width, image.height)
        least, _most = image.convert("L").crop(box).getextrema()
        return int(least)


def test_the_top_of_the_page_is_painted_over_and_the_rest_stays(paper: Submission, store: FileStore) -> None:
    row = paper.files[0]
    whole, covered, second = (
        page_image(store, row.file, 1),
        covered_picture(store, row, 1),
        covered_picture(store, row, 2),
    )
    assert [darkest(picture, is_upper=True) < 100 for picture in (whole, covered, second)] == [True, False, True]
    assert darkest(covered, is_upper=False) < 100


def test_what_says_whose_it_is_is_read_to_nobody(paper: Submission, store: FileStore) -> None:
    assert readable_work(store, paper).text == "The answer"


def test_with_hidden_names_neither_page_nor_file_says_them(
    activity: Placement, paper: Submission, teacher: Browser, store: FileStore
) -> None:
    def fetched(end: str) -> tuple[int, bytes]:
        with teacher.get(f"/grading/submissions/{paper.id}/files/1{end}") as response:
            return response.status_code, response.data

    whole = fetched("/pages/1.webp")[1]
    assert fetched("")[1][:5] == b"%PDF-"
    change_marking_options(activity, MarkingOptions(is_anonymous=True))
    assert fetched("/pages/1.webp")[1] == covered_picture(store, paper.files[0], 1).read_bytes() != whole
    assert fetched("")[0] == 403
    page = teacher.page(f"/grading/submissions/{paper.id}")
    assert not page.select("a[download]") and "while names are hidden" in page.get_text()
