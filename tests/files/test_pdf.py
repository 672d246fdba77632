"""Pages, texts and pictures of PDFs."""

from pathlib import Path

import pytest
from PIL import Image

from lti_tool.errors import InvalidInput
from lti_tool.files import pdf
from tests.files import samples


@pytest.fixture
def two_pages(tmp_path: Path) -> str:
    path = tmp_path / "two.pdf"
    path.write_bytes(samples.pdf("Photosynthesis needs light.", "Mitosis divides cells."))
    return str(path)


def test_each_page_has_its_own_text(two_pages: str) -> None:
    assert [text.strip() for text in pdf.page_texts(two_pages)] == [
        "Photosynthesis needs light.",
        "Mitosis divides cells.",
    ]


def test_a_page_is_drawn_as_wide_as_asked(two_pages: str, tmp_path: Path) -> None:
    size = pdf.render_page(two_pages, 2, str(tmp_path / "page.webp"), 400)
    with Image.open(tmp_path / "page.webp") as image:
        assert (image.format, list(image.size)) == ("WEBP", size)
    assert abs(size[0] - 400) <= 1


def test_an_absurdly_large_page_is_drawn_within_the_pixel_limit(tmp_path: Path) -> None:
    (tmp_path / "tall.pdf").write_bytes(samples.pdf("x", size=(20, 14_400)))
    width, height = pdf.render_page(str(tmp_path / "tall.pdf"), 1, str(tmp_path / "page.webp"))
    assert width * height <= pdf.MOST_PIXELS and height <= 16_000


def test_a_page_that_is_not_there_cannot_be_drawn(two_pages: str, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="no page 3"):
        pdf.render_page(two_pages, 3, str(tmp_path / "page.webp"))


def test_a_document_of_too_many_pages_is_refused(two_pages: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "MOST_PAGES", 1)
    with pytest.raises(InvalidInput, match="has 2 pages"):
        pdf.inspect(two_pages)
