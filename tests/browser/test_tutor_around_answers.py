"""What students do around an answer, and teachers with what they are asked, in the course site's frame."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from lti_tool.accounts.models import PlacementKind
from lti_tool.db import transaction
from lti_tool.site_settings.chat import ENABLE_EXPORT, ENABLE_SUGGESTIONS, ENABLE_UPLOAD
from lti_tool.site_settings.store import write
from tests.browser.asking import ask, begin_thread
from tests.browser.campus import Campus, until
from tests.browser.checks import AXE, NARROW, check_width, violations
from tests.browser.conftest import Someone
from tests.fakes.model_server import Reply

ANSWER = "The median is the middle value [1]. With $n$ values:\n\n$$\\tilde{x} = x_{(n+1)/2}$$"
NONE = json.dumps({"questions": []})
FOLLOW_UPS = json.dumps({"questions": ["What is the mean?", "When do they differ?"]})


@pytest.fixture
def everything_on(campus: Campus) -> Iterator[None]:
    switches = (ENABLE_SUGGESTIONS, ENABLE_UPLOAD, ENABLE_EXPORT)
    for is_on in (True, False):
        with transaction(campus.runtime.engine) as session:
            for switch in switches:
                write(session, switch, is_on)
        if is_on:
            yield


@pytest.mark.usefixtures("everything_on")
def test_an_answer_is_rated_followed_up_and_asked_again(someone: Someone, campus: Campus) -> None:
    for answer in (ANSWER, "The mean is the sum [1].", "Add and divide [1]."):
        campus.model.reply(Reply(text=answer, is_streamed=True))
    for questions in (FOLLOW_UPS, NONE, NONE):
        campus.model.reply(Reply(text=questions, is_streamed=False))
    tutor = someone("felix").open(PlacementKind.TUTOR)
    begin_thread(tutor)
    turn = ask(tutor, "What is the median?")
    expect(turn.locator("math[display=block] msub")).to_have_count(1)
    turn.get_by_role("button", name="Not helpful").click()
    turn.get_by_label("What was wrong?").fill("Too short")
    turn.get_by_role("button", name="Send the comment").click()
    expect(turn.get_by_text("Thank you.")).to_be_visible()
    turn.get_by_role("button", name="What is the mean?").click()
    following = tutor.locator("li[data-turn]").nth(1)
    expect(following).to_contain_text("The mean is the sum")
    following.get_by_text("Edit the question").click()
    expect(following.get_by_role("button", name="Ask again")).to_be_in_viewport(ratio=1)
    following.get_by_label("Your question, in other words").fill("What is the mean of a sample?")
    following.get_by_role("button", name="Ask again").click()
    expect(tutor.locator("li[data-turn]").nth(2)).to_contain_text("Add and divide")
    expect(following.locator("summary").first).to_have_text("Earlier version")
    until(lambda: not campus.model.script)


@pytest.mark.usefixtures("everything_on")
def test_a_document_goes_with_a_question_and_all_of_it_fits_a_phone(
    someone: Someone, campus: Campus, tmp_path: Path
) -> None:
    (tmp_path / "notes.md").write_text("# Notes\n\nThe median of my data is 900.")
    campus.model.reply(Reply(text=ANSWER, is_streamed=True), Reply(text=FOLLOW_UPS, is_streamed=False))
    student = someone("gita")
    page = student.page
    page.goto(student.launched(f"/activity/{campus.activity_id(PlacementKind.TUTOR)}/launch") + "/tutor/")
    begin_thread(page)
    page.locator("summary", has_text="Attach").click()
    page.get_by_label("Files for this question").set_input_files(tmp_path / "notes.md")
    expect(page.get_by_role("button", name="Remove notes.md")).to_be_visible()
    page.get_by_label("Your question", exact=True).fill("What is the median of my data?")
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.get_by_role("link", name="notes.md")).to_be_visible()
    expect(page.get_by_role("button", name="When do they differ?")).to_be_visible()
    assert "900" in campus.model.wire
    page.evaluate("() => document.querySelectorAll('details').forEach((one) => (one.open = true))")
    page.evaluate(AXE)
    assert violations(page) == []
    page.set_viewport_size(NARROW)
    check_width(page)


def test_a_question_goes_to_the_teacher_and_the_answer_comes_back(someone: Someone) -> None:
    student = someone("dmitri")
    begin_thread(student.open(PlacementKind.TUTOR))
    turn = ask(student.frame, "Quis vicit in ludo scaccorum?")
    turn.get_by_label("Your question to the teachers").fill("Who won the chess?")
    turn.get_by_role("button", name="Send to the teachers").click()
    expect(student.frame.get_by_text("Their answer will appear here.")).to_be_visible()
    teacher = someone("teresa").open(PlacementKind.TUTOR)
    teacher.get_by_role("link", name="Questions").click()
    card = teacher.locator("article", has_text="Who won the chess?")
    card.get_by_label("Your answer (Markdown)").fill("It was **Ding**.")
    card.get_by_role("button", name="Send the answer").click()
    expect(teacher.get_by_text("on its way")).to_be_visible()
    tutor = student.open(PlacementKind.TUTOR)
    expect(tutor.get_by_text("A teacher has answered you")).to_be_visible()
    expect(tutor.locator(".tutor-teacher")).to_contain_text("It was Ding.")
