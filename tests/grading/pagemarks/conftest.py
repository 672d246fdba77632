"""Work of pages, and marks on them."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

from lti_tool.accounts.models import Placement
from lti_tool.grading.models import Submission
from lti_tool.grading.pagemarks.fields import read_mark
from lti_tool.grading.pagemarks.models import PageMark
from lti_tool.grading.pagemarks.placing import place_mark
from tests.files import samples
from tests.fixtures.people import House
from tests.fixtures.services import viewer_of
from tests.grading.conftest import HandIn

Placed = Callable[..., PageMark]


@pytest.fixture
def paper(handed_in: HandIn) -> Submission:
    """Three pages as a PDF, and a picture."""
    return handed_in(text="", paper__pdf=samples.pdf("one", "two", "three"), sketch__png=samples.picture())


@pytest.fixture
def placed(house: House, activity: Placement) -> Placed:
    """placed(submission, by="teacher", key="", page=2, ...) -> the mark"""

    def made(submission: Submission, by: str = "teacher", key: str = "", **fields: Any) -> PageMark:
        given = read_mark(mark_fields(**fields))
        viewer = viewer_of(house, by)
        return place_mark(house.session, viewer, activity, submission, given, key or str(uuid4()))

    return made


def mark_fields(**changes: Any) -> dict[str, str]:
    """A tick in the middle of the first page, unless told otherwise."""
    fields = {"file": 1, "page": 1, "kind": "tick", "x": "0.5", "y": "0.25", "client_key": str(uuid4())}
    return {name: str(value) for name, value in {**fields, **changes}.items()}
