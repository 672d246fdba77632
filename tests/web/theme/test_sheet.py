"""Whatever colours an administrator chooses, text stays readable."""

from itertools import product

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from lti_tool.site_settings.look import PRIMARY_COLOUR
from lti_tool.site_settings.store import write
from lti_tool.web.theme.sheet import WHITE, contrast, parsed, readable, text_on

COLOURS = list(product((0, 51, 119, 128, 200, 255), repeat=3))


@pytest.mark.parametrize("colour", COLOURS)
def test_text_on_a_colour_and_a_colour_as_text_can_be_read(colour: tuple[int, int, int]) -> None:
    assert contrast(text_on(colour), colour) >= 4.5
    assert contrast(WHITE, readable(colour)) >= 4.5


def test_a_readable_colour_stays_as_it_is() -> None:
    assert readable(parsed("#4f46e5")) == (0x4F, 0x46, 0xE5)


def test_the_contrast_is_that_of_the_standard() -> None:
    assert contrast((0, 0, 0), WHITE) == pytest.approx(21)
    assert contrast(parsed("#767676"), WHITE) == pytest.approx(4.54, abs=0.01)


def test_the_sheet_holds_the_documented_colours(app: Flask) -> None:
    response = app.test_client().get("/theme.css")
    assert response.mimetype == "text/css" and "--bs-primary: #4f46e5;" in response.text
    assert "--bs-btn-hover-bg: #3730a3;" in response.text


def test_a_chosen_colour_is_in_the_next_sheet(app: Flask, session: Session) -> None:
    write(session, PRIMARY_COLOUR, "#ffd700")
    sheet = app.test_client().get("/theme.css").text
    assert "--bs-primary: #ffd700;" in sheet and "--bs-btn-color: #000000;" in sheet
