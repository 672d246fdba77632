"""Marks on the pages of a PDF by mouse and by keys alone, what the student sees of them, and question by question."""

from playwright.sync_api import FrameLocator, Locator, Page, Position, expect

from lti_tool.accounts.models import PlacementKind
from tests.browser.checks import AXE, PHONE, WIDE, check_width, scripts_have_run, violations
from tests.browser.conftest import Someone
from tests.browser.person import Person
from tests.files import samples

ACTIVITY = PlacementKind.ACTIVITY


def hand_in(student: Person, *pages: str, attempt: str = "1") -> None:
    task = student.open(ACTIVITY)
    paper = {"name": "paper.pdf", "mimeType": "application/pdf", "buffer": samples.pdf(*pages)}
    task.get_by_label("Files").set_input_files(paper)
    task.get_by_role("button", name="Hand in").click()
    expect(task.get_by_role("heading", name=f"Receipt for attempt {attempt}")).to_be_visible()


def open_desk(teacher: Person, name: str) -> FrameLocator:
    desk = teacher.open(ACTIVITY)
    desk.get_by_role("link", name=name).click()
    expect(desk.get_by_role("heading", name="Marks", exact=True)).to_be_visible()
    scripts_have_run(desk)
    return desk


def drag(page: Page, surface: Locator, *, start: Position, end: tuple[int, int]) -> None:
    """The surface holds on to the pointer: where it is let go is not looked at for what lies there."""
    surface.hover(position=start)
    area = surface.bounding_box()
    assert area is not None
    page.mouse.down()
    page.mouse.move(area["x"] + end[0], area["y"] + end[1], steps=3)
    page.mouse.up()


def fill_rubric(desk: FrameLocator) -> None:
    for criterion in desk.locator('[data-part="criterion"]').all():
        criterion.get_by_role("radio").last.check()


def check_look(person: Person, address: str) -> None:
    """Pages with marks on them, by themselves in the window."""
    page = person.page
    page.goto(address)
    expect(page.locator(".page-overlay .ink").first).to_be_attached()
    page.evaluate("() => document.querySelectorAll('details').forEach((one) => (one.open = true))")
    page.evaluate(AXE)
    for size in (WIDE, PHONE):
        page.set_viewport_size(size)
        assert violations(page) == []
    check_width(page)


def test_a_marker_marks_pages_by_mouse_and_the_student_sees_it_once_approved(someone: Someone) -> None:
    student, teacher = someone("bruno"), someone("teresa")
    hand_in(student, "The median is 2", "because it is in the middle")
    desk = open_desk(teacher, "Bruno")
    surface = desk.locator('[data-part="surface"]').first
    listed = desk.locator('[data-part="marks"]').first.get_by_role("listitem")

    desk.get_by_role("button", name="Tick").click()
    surface.click(position={"x": 200, "y": 90})
    expect(listed).to_have_count(1)
    desk.get_by_role("button", name="Box").click()
    # Brought to the top, the page lies below the tools, which stay there.
    surface.evaluate("page => page.scrollIntoView()")
    drag(teacher.page, surface, start={"x": 260, "y": 120}, end=(50, 60))
    expect(listed).to_have_count(2)
    desk.get_by_role("button", name="Take back the last").click()
    expect(listed).to_have_count(1)
    desk.get_by_role("button", name="Comment", exact=True).click()
    surface.click(position={"x": 300, "y": 200})
    desk.locator("#mark-text-new").fill("Which unit?")
    desk.locator("#mark-text-new").press("Enter")
    expect(listed.last).to_contain_text("Which unit?")
    expect(desk.get_by_text("not part of the grade until you save")).to_be_visible()

    address = desk.locator("body").evaluate("() => location.pathname.replace(/^.l.[^/]+/, '')")
    fill_rubric(desk)
    desk.get_by_role("button", name="Approve and next").click()
    expect(desk.get_by_role("status").first).to_contain_text("Approved: the grade of Bruno")
    task = student.open(ACTIVITY)
    expect(task.locator('[data-part="marks"]').first).to_contain_text("Which unit?")
    expect(task.locator(".page-overlay .ink")).to_have_count(2)
    with student.page.expect_download() as downloaded:
        task.get_by_role("link", name="Download the marked copy").click()
    assert downloaded.value.path().read_bytes().startswith(b"%PDF")
    launch = f"/activity/{teacher.campus.activity_id(ACTIVITY)}/launch"
    for person, path in ((teacher, address), (student, address), (student, "/grading")):
        check_look(person, person.launched(launch) + path)


def test_pages_are_marked_by_keys_alone_and_the_keys_can_be_switched_off(someone: Someone) -> None:
    student, teacher = someone("chiara"), someone("teresa")
    hand_in(student, "The mean is 4")
    desk = open_desk(teacher, "Chiara")
    keys, listed = teacher.page.keyboard, desk.locator('[data-part="marks"]').first.get_by_role("listitem")

    for key in ("t", "ArrowUp", "ArrowUp", "Shift+ArrowLeft"):
        keys.press(key)
    expect(desk.locator('[data-part="said"]')).to_contain_text("percent from the left")
    keys.press("Enter")
    expect(listed).to_have_count(1)
    for key in ("b", "Enter", "ArrowRight", "ArrowRight", "ArrowDown", "Enter"):
        keys.press(key)
    expect(listed).to_have_count(2)
    for key in ("m", "ArrowDown", "Enter"):
        keys.press(key)
    keys.type("Say why")
    keys.press("Control+Enter")
    expect(listed).to_have_count(3)
    expect(desk.get_by_role("button", name="Approve and next")).to_be_visible()
    keys.press("z")
    expect(listed).to_have_count(2)

    desk.get_by_text("Keyboard shortcuts").click()
    desk.get_by_role("button", name="Switch single keys off").click()
    expect(desk.locator('[name="shortcuts"][value="on"]')).to_be_attached()
    scripts_have_run(desk)
    expect(desk.locator('[data-part="surface"][tabindex]')).to_have_count(0)
    keys.press("t")
    expect(desk.get_by_role("button", name="Tick")).to_have_attribute("aria-pressed", "false")
    desk.get_by_text("Keyboard shortcuts").click()
    desk.get_by_role("button", name="Switch single keys on").click()
    expect(desk.locator('[data-part="surface"][tabindex]')).to_have_count(1)


def test_one_question_is_marked_by_keys_on_its_own_page(someone: Someone) -> None:
    student, teacher = someone("chiara"), someone("teresa")
    task = student.open(ACTIVITY)
    paper = {"name": "again.pdf", "mimeType": "application/pdf", "buffer": samples.pdf("one", "two", "three")}
    task.get_by_label("Files").set_input_files(paper)
    task.get_by_role("button", name="Hand in").click()
    expect(task.get_by_text("again.pdf")).to_be_visible()
    board = teacher.open(ACTIVITY)
    board.get_by_role("link", name="Question by question").click()
    board.get_by_label("Pages of question 1").fill("2")
    board.get_by_role("button", name="Save the pages").click()
    work = board.get_by_role("row").filter(has_text="Chiara")
    work.get_by_role("link", name="(1. Chiara").click()
    expect(board.get_by_text("Page 2, where this question stands.")).to_be_visible()
    expect(board.locator(".work-sheet")).to_have_count(1)
    scripts_have_run(board)
    for key in ("e", "1"):
        teacher.page.keyboard.press(key)
    with teacher.page.expect_response(lambda answer: answer.request.method == "POST" and "/questions/" in answer.url):
        teacher.page.keyboard.press("Control+Enter")
    teacher.open(ACTIVITY).get_by_role("link", name="Question by question").click()
    expect(board.get_by_role("row").filter(has_text="Chiara")).to_contain_text("so far")
