"""How students ask the tutor, in the course site's frame or in the whole window."""

from playwright.sync_api import FrameLocator, Locator, Page, expect

from tests.browser.checks import scripts_have_run


def begin_thread(tutor: FrameLocator | Page) -> None:
    """Put aside what other tests have asked, and wait until the script listens."""
    tutor.get_by_label("Your question", exact=True).wait_for()
    if tutor.get_by_role("button", name="New thread").is_visible():
        tutor.get_by_role("button", name="New thread").click()
        expect(tutor.locator("li[data-turn]")).to_have_count(0)
    scripts_have_run(tutor)


def ask(tutor: FrameLocator | Page, text: str = "What is the median?") -> Locator:
    """The turn that it becomes."""
    tutor.get_by_label("Your question", exact=True).fill(text)
    tutor.get_by_role("button", name="Send", exact=True).click()
    return tutor.locator("li.tutor-turn").last


def ended(tutor: Page) -> None:
    """Wait until nothing more is written to the last turn."""
    expect(tutor.locator('.tutor-turn:last-child [data-part="answer"][aria-busy="false"]')).to_have_count(1)
