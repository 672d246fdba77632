"""A cover of ours, printed once and then mistreated: codes, registration, bubbles and handwriting are found again."""

import io
from collections.abc import Callable
from uuid import UUID

import numpy as np
import pypdfium2
import pytest
from cryptography.fernet import Fernet
from PIL import Image, ImageDraw, ImageFilter

from lti_tool.scans.pages.states import EvidenceKind
from lti_tool.scans.readers.bubbles import read_bubbles
from lti_tool.scans.readers.digits import digit_reader, read_number
from lti_tool.scans.readers.ink import Grey
from lti_tool.scans.readers.page_codes import symbols_on
from lti_tool.scans.readers.registration import Registration, register
from lti_tool.scans.sheets import layout
from lti_tool.scans.sheets.codes import SheetCode, code_text, exam_mark
from lti_tool.scans.sheets.drawing import Heading, PrintedSheet, drawn
from lti_tool.scans.sheets.models import SheetKind
from lti_tool.secrets import Secrets

SECRETS = Secrets(app_key="ours", fernet=Fernet(Fernet.generate_key()))
CODE = SheetCode(exam=exam_mark(UUID(int=1)), serial="ABC2345", page=1)
TEXT = code_text(SECRETS, CODE)
NUMBER = "230521100147"
DOTS = 150 / 25.4
WORDS = dict.fromkeys(("name", "place", "signature", "number", "how", "continues", "further"), "Words")
Damage = Callable[[Image.Image], Image.Image]


@pytest.fixture(scope="module")
def cover() -> Image.Image:
    heading = Heading(course="Course", title="Exam", subject="BIO210", digits=12, language="en", words=WORDS)
    sheet = PrintedSheet(kind=SheetKind.BOOKLET, codes=[(TEXT, CODE.readable)], name="Anna Müller")
    page = pypdfium2.PdfDocument(drawn([sheet], heading))[0].render(scale=150 / 72).to_pil().convert("L")
    fill(page, NUMBER)
    return page


def fill(page: Image.Image, number: str) -> None:
    draw_on = ImageDraw.Draw(page)
    for column, digit in zip(layout.bubbles(12), number, strict=True):
        across, down = column[int(digit)].centre
        draw_on.ellipse([(c + s * 1.8) * DOTS for s in (-1, 1) for c in (across, down)], fill=60)


def dots(page: Image.Image) -> Grey:
    return np.asarray(page)


def found_on(page: Grey) -> Registration:
    registration = register(page, symbols_on(page, TEXT.__eq__))
    assert registration is not None
    return registration


def as_jpeg(page: Image.Image) -> Image.Image:
    written = io.BytesIO()
    page.save(written, "JPEG", quality=30)
    return Image.open(written)


def noisy(page: Image.Image) -> Image.Image:
    noise = np.random.default_rng(1).normal(0, 20, (page.height, page.width))
    return Image.fromarray(np.clip(np.asarray(page) + noise, 0, 255).astype(np.uint8))


def stamped(page: Image.Image) -> Image.Image:
    page = page.copy()
    x, y = (place * DOTS for place in layout.TOP_RIGHT.centre)
    ImageDraw.Draw(page).ellipse([x - 40, y - 40, x + 40, y + 40], fill=90)
    return page


DAMAGES: dict[str, Damage] = {
    "nothing": lambda page: page,
    "a small turn": lambda page: page.rotate(2, Image.Resampling.BILINEAR, fillcolor=255),
    "upside down": lambda page: page.rotate(180),
    "on its side": lambda page: page.rotate(90, expand=True),
    "blur": lambda page: page.filter(ImageFilter.GaussianBlur(1)),
    "a bad JPEG": as_jpeg,
    "noise": noisy,
    "a stamp on one code": stamped,
    "a lower resolution": lambda page: page.resize((page.width * 4 // 5, page.height * 4 // 5)),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES.keys())
def test_code_and_bubbles_are_read_after(damage: Damage, cover: Image.Image) -> None:
    page = dots(damage(cover))
    reading = read_bubbles(page, found_on(page), 12)
    assert reading is not None and (reading.claim, reading.kind) == (NUMBER, EvidenceKind.BUBBLES)


@pytest.mark.parametrize(("turned", "rotation"), [(0, 0), (270, 90), (180, 180), (90, 270)])
def test_registration_says_how_a_scan_is_turned(cover: Image.Image, turned: int, rotation: int) -> None:
    registration = found_on(dots(cover.rotate(turned, expand=True)))
    assert (registration.rotation, round(registration.dots_per_inch), registration.codes) == (rotation, 150, 2)


def test_one_code_is_enough_to_find_the_boxes(cover: Image.Image) -> None:
    registration = found_on(dots(stamped(cover)))
    whole = found_on(dots(cover))
    assert registration.codes == 1
    assert np.allclose(registration.place(60, 75), whole.place(60, 75), atol=4)


def test_a_page_without_a_code_of_ours_has_none(cover: Image.Image) -> None:
    assert symbols_on(dots(cover), lambda text: text == "another") == []
    assert register(dots(cover), []) is None


def test_a_blank_grid_and_blank_boxes_claim_nothing(cover: Image.Image) -> None:
    page = cover.copy()
    grid = [(24 * DOTS, 71 * DOTS), (130 * DOTS, 145 * DOTS)]
    ImageDraw.Draw(page).rectangle(grid, fill=255)
    registration, reader = found_on(dots(page)), digit_reader()
    assert reader is not None
    assert read_bubbles(dots(page), registration, 12) is None
    assert read_number(dots(page), registration, 12, reader) is None


def test_two_marks_in_one_column_are_not_clear(cover: Image.Image) -> None:
    page = cover.copy()
    fill(page, "130521100147")
    reading = read_bubbles(dots(page), found_on(dots(page)), 12)
    assert reading is not None and not reading.is_clear


def test_digits_in_the_boxes_are_read_with_their_doubts(cover: Image.Image) -> None:
    page, reader = cover.copy(), digit_reader()
    pen = ImageDraw.Draw(page)
    for box in layout.number_boxes(12):
        across, top = box.centre[0] * DOTS, box.top * DOTS
        pen.line([(across + 1, top + 8), (across - 1, top + 45)], fill=30, width=4)
    assert reader is not None
    reading = read_number(dots(page), found_on(dots(page)), 12, reader)
    assert reading is not None and reading.claim == "1" * 12
    assert len(reading.places) == 12 and reading.version.startswith("digits ")
