"""The tutor's picture: drawn anew, shown above the conversation, and removed again."""

import io
from typing import Any

import pytest
from bs4 import BeautifulSoup
from PIL import Image
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from lti_tool.site_settings.models import Avatar
from tests.fixtures.people import ORIGIN, Browser, Enter

SVG = b"""<?xml version="1.0"?>
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 10" onload="alert(1)"><script>alert(1)</script>
<image href="http://127.0.0.1:9/x.png" width="10" height="10"/><image href="file:///etc/passwd" width="5" height="5"/>
<rect width="10" height="10" fill="#ff0000"/></svg>"""


def png(colour: str = "red", size: tuple[int, int] = (300, 200)) -> bytes:
    written = io.BytesIO()
    Image.new("RGB", size, colour).save(written, "PNG")
    return written.getvalue()


def send(browser: Browser, content: bytes, name: str) -> TestResponse:
    fields: dict[str, Any] = {"shown": "botavatar", "setting-botavatar": "", "picture": (io.BytesIO(content), name)}
    return browser.post("site/", fields, content_type="multipart/form-data")


def shown(page: BeautifulSoup) -> str | None:
    image = page.select_one("h1 img")
    return str(image["src"]) if image else None


@pytest.mark.parametrize(("content", "name"), [(png(), "me.png"), (SVG, "me.svg")])
def test_a_picture_is_drawn_anew_and_shown_above_the_conversation(enter: Enter, content: bytes, name: str) -> None:
    assert send(enter("administrator"), content, name).status_code == 303
    student = enter("student")
    address = shown(student.page("tutor/"))
    assert address is not None
    answer = student.client.get(address, base_url=ORIGIN)
    with Image.open(io.BytesIO(answer.data)) as image:
        red, green, blue = image.convert("RGB").getpixel((64, 64))  # type: ignore[misc]
        assert (image.format, image.size, red > 240, green < 15, blue < 15) == ("WEBP", (128, 128), True, True, True)
    assert b"script" not in answer.data and b"alert" not in answer.data


def test_another_picture_takes_its_place_and_putting_back_removes_it(enter: Enter, session: Session) -> None:
    browser = enter("administrator")
    send(browser, png(), "a.png")
    send(browser, png("blue"), "b.png")
    assert session.scalar(select(func.count()).select_from(Avatar)) == 1
    browser.post("site/", {"reset": "botavatar"})
    assert shown(enter("student").page("tutor/")) is None


@pytest.mark.parametrize(
    ("content", "name"),
    [(b"%PDF-1.4 no picture", "a.pdf"), (b"<svg", "a.svg"), (png(size=(1, 1)) + bytes(200 * 1024), "large.png")],
)
def test_what_is_no_small_picture_is_refused_in_words(enter: Enter, content: bytes, name: str) -> None:
    refused = send(enter("administrator"), content, name)
    assert refused.status_code == 400 and "Nothing was saved" in refused.text
    assert BeautifulSoup(refused.text, "html.parser").select_one("#setting-botavatar-fault") is not None
    assert shown(enter("student").page("tutor/")) is None


def test_an_unknown_picture_is_not_found(enter: Enter) -> None:
    assert enter("student").client.get("/avatar/0.webp", base_url=ORIGIN).status_code == 404


def test_a_teacher_cannot_change_it(enter: Enter) -> None:
    assert send(enter("teacher"), png(), "a.png").status_code == 403
