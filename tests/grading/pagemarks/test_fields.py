"""What a form may say about a mark, and what it is told where that cannot be."""

from decimal import Decimal

import pytest

from lti_tool.errors import InvalidInput
from lti_tool.grading.pagemarks.fields import read_mark
from lti_tool.grading.pagemarks.models import MarkKind
from tests.grading.pagemarks.conftest import mark_fields


def test_a_place_is_read_as_fractions_of_the_page() -> None:
    read = read_mark(mark_fields(kind="box", x="0.1", y="0.2", width="0.3", height="0.05", points="+1,5"))
    assert (read.place.x, read.place.width) == (Decimal("0.1"), Decimal("0.3"))
    assert (read.kind, read.points) == (MarkKind.BOX, Decimal("1.5"))


def test_a_point_has_no_size_whatever_is_sent() -> None:
    assert read_mark(mark_fields(kind="tick", width="0.2", height="0.1")).place.width is None


def test_a_place_in_words_is_the_middle_of_its_field() -> None:
    read = read_mark(mark_fields(x="", kind="cross", row="1", column="3"))
    assert (round(read.place.x, 2), round(read.place.y, 2)) == (Decimal("0.83"), Decimal("0.05"))


@pytest.mark.parametrize("row", [1, 10])
@pytest.mark.parametrize("column", [1, 3])
def test_an_area_in_words_is_a_field_within_the_page(row: int, column: int) -> None:
    place = read_mark(mark_fields(x="", kind="box", row=row, column=column)).place
    assert place.width is not None and place.height is not None
    assert place.x + place.width <= 1 and place.y + place.height <= 1


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"kind": "stamp"}, "mark_kind_missing"),
        ({"kind": "comment"}, "mark_text_missing"),
        ({"text": "x" * 1001}, "mark_text_unusable"),
        ({"text": "a\0b"}, "mark_text_unusable"),
        ({"x": "1.1"}, "mark_outside"),
        ({"y": "-0.1"}, "mark_outside"),
        ({"x": "nan"}, "mark_outside"),
        ({"kind": "box"}, "mark_outside"),
        ({"kind": "box", "x": "0.9", "width": "0.2", "height": "0.1"}, "mark_outside"),
        ({"kind": "box", "width": "0.000001", "height": "0.1"}, "mark_outside"),
        ({"x": ""}, "mark_incomplete"),
        ({"x": "", "row": "11", "column": "1"}, "mark_place_missing"),
        ({"page": ""}, "mark_incomplete"),
        ({"points": "many"}, "mark_points_refused"),
    ],
)
def test_what_cannot_be_is_refused_with_a_sentence(changes: dict[str, str], code: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        read_mark(mark_fields(**changes))
    assert refused.value.code == code
