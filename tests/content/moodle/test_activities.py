"""What each kind of activity gives the tutor, and what it must never give (R27-R39)."""

import json

import pytest

from lti_tool.content.items import ItemKind
from tests.fakes.moodle import MOMENT, FakeModule, FakeMoodle, FakeSection
from tests.fixtures.moodle import Kept, ReadMoodle, Texts


def text(texts: Texts, key: str) -> str:
    return texts()[key]


def test_a_page_gives_introduction_and_content(services: FakeMoodle, read_moodle: ReadMoodle, texts: Texts) -> None:
    services.add("page", "Gas laws", record={"intro": "About gases.", "content": "<p>22.414 litres.</p>"})
    read_moodle()
    assert "<h1>Gas laws</h1>\nAbout gases.\n<p>22.414 litres.</p>" in text(texts, "page:1")


def test_an_item_keeps_its_kind_section_and_address(services: FakeMoodle, read_moodle: ReadMoodle, kept: Kept) -> None:
    services.add("page", "Gas laws", record={"content": "x"})
    read_moodle()
    source = kept()["page:1"]
    assert (source.kind, source.title, source.section) == (ItemKind.PAGE, "Gas laws", "Week one")
    assert source.url == f"{services.url}/mod/page/view.php?id=1"


def test_a_section_gives_its_summary_under_its_name(
    services: FakeMoodle, read_moodle: ReadMoodle, texts: Texts, kept: Kept
) -> None:
    services.sections[0].summary = "<p>Gases.</p>"
    services.sections.append(FakeSection(number=31, name="Week two", summary="<p>&nbsp;</p>"))
    read_moodle()
    assert "<h1>Week one</h1>\n<p>Gases.</p>" in text(texts, "section:30")
    assert set(kept()) == {"section:30"} and kept()["section:30"].url == f"{services.url}/course/section.php?id=30"


def test_a_text_area_without_a_page_of_its_own_links_to_the_course(
    services: FakeMoodle, read_moodle: ReadMoodle, kept: Kept
) -> None:
    services.add("label", "Thursdays", record={"intro": "<p>Thursdays at 09:20.</p>"}, line={"url": None})
    read_moodle()
    assert kept()["label:1"].url == f"{services.url}/course/view.php?id=2#module-1"


def test_an_assignment_gives_its_dates_and_points(services: FakeMoodle, read_moodle: ReadMoodle, texts: Texts) -> None:
    record = {"intro": "Why?", "activity": "Write.", "duedate": 1900000000, "cutoffdate": 0, "grade": 50}
    services.add("assign", "Essay", record=record)
    read_moodle()
    found = text(texts, "assign:1")
    assert "Why?" in found and "Write." in found and "Due date: Sunday, 17 March 2030, 17:46 UTC" in found
    assert "Maximum grade: 50" in found and "Cut-off" not in found


def test_a_scale_is_no_maximum(services: FakeMoodle, read_moodle: ReadMoodle, texts: Texts) -> None:
    services.add("assign", "Essay", record={"intro": "Why?", "grade": -2})
    read_moodle()
    assert "grade" not in text(texts, "assign:1")


def test_a_quiz_gives_when_it_is_open(services: FakeMoodle, read_moodle: ReadMoodle, texts: Texts) -> None:
    services.add("quiz", "Quiz", record={"intro": "Ten.", "timeopen": 1890000000, "timeclose": 0, "timelimit": 600})
    read_moodle()
    found = text(texts, "quiz:1")
    assert "Opens: Thursday, 22 November 2029" in found and "minutes: 10" in found and "Closes" not in found


def test_a_forum_gives_its_description(services: FakeMoodle, read_moodle: ReadMoodle, texts: Texts) -> None:
    services.add("forum", "Help", record={"intro": "Ask here."})
    read_moodle()
    assert "Ask here." in text(texts, "forum:1")


def test_a_link_gives_its_address_and_is_never_opened(
    services: FakeMoodle, read_moodle: ReadMoodle, texts: Texts
) -> None:
    services.add("url", "Elements", record={"intro": "A table.", "externalurl": f"{services.url}/secret"})
    read_moodle()
    assert f"<p>{services.url}/secret</p>" in text(texts, "url:1")
    assert "/secret" not in services.paths


def test_any_other_activity_gives_the_description_that_the_course_page_shows(
    services: FakeMoodle, read_moodle: ReadMoodle, texts: Texts
) -> None:
    services.add("choice", "Vote", line={"description": "<p>Which day?</p>"})
    services.add("data", "Silent")
    read_moodle()
    assert "Which day?" in text(texts, "choice:1") and "data:2" not in texts()


def test_what_holds_no_words_is_no_item(services: FakeMoodle, read_moodle: ReadMoodle, kept: Kept) -> None:
    services.add("label", "x", record={"intro": '<p>&nbsp;<img src="a.png" alt=""></p>'})
    services.add("label", "y", record={"intro": '<img src="a.png" alt="A map">'})
    read_moodle()
    assert {key for key in kept() if key.startswith("label")} == {"label:2"}


def a_book(services: FakeMoodle, **line: object) -> FakeModule:
    chapters = {
        "1": ("Titration", "0", []),
        "2": ("Draft", "1", [{"title": "In the draft", "href": "3/index.html", "hidden": "0"}]),
        "4": ("Weighing", "0", [{"title": "Balances", "href": "5/index.html", "hidden": "0"}]),
    }
    structure = [
        {"title": title, "href": f"{number}/index.html", "hidden": hidden, "subitems": inner}
        for number, (title, hidden, inner) in chapters.items()
    ]
    pages = [
        services.file(
            f"148/mod_book/chapter/{number}/index.html", f"<p>Text {number}.</p>".encode(), filepath=f"/{number}/"
        )
        for number in "12345"
    ]
    content = {"type": "content", "filename": "structure", "filepath": "/", "content": json.dumps(structure)}
    return services.add("book", "Handbook", line={"contents": [content, *pages], **line})


def test_a_book_gives_its_visible_chapters_each_with_its_address(
    services: FakeMoodle, read_moodle: ReadMoodle, kept: Kept, texts: Texts
) -> None:
    a_book(services)
    read_moodle()
    assert {key for key in texts() if key.startswith("book")} == {"book:1:1", "book:1:4", "book:1:5"}
    chapter = kept()["book:1:5"]
    assert (chapter.title, chapter.url) == (
        "Handbook: Balances",
        f"{services.url}/mod/book/view.php?id=1&chapterid=5",
    )


def test_a_hidden_chapter_and_what_lies_in_it_is_listed_and_never_fetched(
    services: FakeMoodle, read_moodle: ReadMoodle, kept: Kept
) -> None:
    a_book(services)
    read_moodle()
    assert {key for key, source in kept().items() if source.is_hidden} == {"book:1:2", "book:1:3"}
    assert not [path for path in services.paths if "chapter/2" in path or "chapter/3" in path]


def entry(number: int, **changes: object) -> dict[str, object]:
    return {
        "id": number,
        "concept": f"Term {number:03}",
        "definition": f"<p>Meaning {number}.</p>",
        "approved": True,
    } | changes


def test_a_glossary_gives_a_hundred_entries_by_pages_of_fifty(
    services: FakeMoodle, read_moodle: ReadMoodle, texts: Texts
) -> None:
    services.add("glossary", "Terms", entries=[entry(number) for number in range(1, 104)])
    read_moodle()
    found = text(texts, "glossary:1")
    assert "<h2>Term 100</h2>\n<p>Meaning 100.</p>" in found and "Term 101" not in found
    assert services.counted["mod_glossary_get_entries_by_letter"] == 2


def test_an_entry_that_nobody_approved_is_not_read(services: FakeMoodle, read_moodle: ReadMoodle, texts: Texts) -> None:
    services.add("glossary", "Terms", entries=[entry(1), entry(2, approved=False)])
    read_moodle()
    assert "Term 002" not in text(texts, "glossary:1")


def wiki_page(number: int, words: str) -> dict[str, object]:
    return {"id": number, "title": f"Page {number}", "cachedcontent": f"<p>{words}</p>"}


def test_a_wiki_gives_each_page_with_its_address(
    services: FakeMoodle, read_moodle: ReadMoodle, kept: Kept, texts: Texts
) -> None:
    services.add("wiki", "Notes", wikis=[(0, 0, [wiki_page(7, "Bonds."), wiki_page(8, "")])])
    read_moodle()
    assert "Bonds." in text(texts, "wiki:1:7") and "wiki:1:8" not in kept()
    assert kept()["wiki:1:7"].url == f"{services.url}/mod/wiki/view.php?pageid=7"


@pytest.mark.parametrize(
    ("group", "owner", "mode", "is_read"), [(0, 9, 0, False), (4, 0, 1, False), (4, 0, 2, True), (0, 0, 1, True)]
)
def test_a_students_own_wiki_and_one_of_a_separate_group_is_nobody_elses(
    services: FakeMoodle, read_moodle: ReadMoodle, kept: Kept, group: int, owner: int, mode: int, is_read: bool
) -> None:
    services.add("wiki", "Diary", wikis=[(group, owner, [wiki_page(7, "Mine.")])], line={"groupmode": mode})
    read_moodle()
    assert ("wiki:1:7" in kept()) is is_read


def lesson_page(number: int, before: int, after: int, **changes: object) -> dict[str, object]:
    return {"id": number, "prevpageid": before, "nextpageid": after, "title": f"Step {number}"} | changes


def test_a_lesson_gives_its_pages_in_their_order_and_no_answer(
    services: FakeMoodle, read_moodle: ReadMoodle, texts: Texts
) -> None:
    pages = [lesson_page(2, 3, 0, contents="<p>Last.</p>"), lesson_page(3, 0, 2, contents="<p>First.</p>")]
    services.add("lesson", "Diffusion", pages=pages)
    read_moodle()
    found = text(texts, "lesson:1")
    assert found.index("<h2>Step 3</h2>\n<p>First.</p>") < found.index("Last.")
    assert "mod_lesson_get_page_data" not in services.counted


def test_a_lesson_without_its_texts_is_asked_page_by_page(
    services: FakeMoodle, read_moodle: ReadMoodle, texts: Texts
) -> None:
    services.add("lesson", "Diffusion", pages=[lesson_page(2, 0, 0)])
    read_moodle()
    assert "Text of page 2." in text(texts, "lesson:1")


@pytest.mark.parametrize("record", [{"usepassword": True}, {"dependency": 4}, {"available": MOMENT * 10}])
def test_a_lesson_that_not_everybody_may_open_is_restricted(
    services: FakeMoodle, read_moodle: ReadMoodle, kept: Kept, record: dict[str, object]
) -> None:
    services.add("lesson", "Locked", record=record, pages=[lesson_page(2, 0, 0, contents="LOCKED")])
    read_moodle()
    assert (kept()["lesson:1"].is_restricted, kept()["lesson:1"].file) == (True, None)
    assert "mod_lesson_get_pages" not in services.counted


def test_a_file_gives_its_text_and_keeps_its_key_under_another_name(
    services: FakeMoodle, read_moodle: ReadMoodle, texts: Texts, kept: Kept
) -> None:
    for name, words in (("a.txt", b"Salt dissolves."), ("b.txt", b"Iron rusts.")):
        listed = services.file(f"1/mod_resource/content/0/{name}", words, "text/plain", timemodified=name)
        services.sections[0].modules = []
        services.add("resource", "Notes", record={"intro": "Read this."}, line={"contents": [listed]})
        read_moodle()
        assert texts()["resource:1:main"] == words.decode()
    assert "Read this." in texts()["resource:1"] and kept()["resource:1:main"].title == "Notes"


def test_a_folder_gives_each_file_and_says_which_have_no_text(
    services: FakeMoodle, read_moodle: ReadMoodle, kept: Kept, texts: Texts
) -> None:
    listed = [
        services.file("1/mod_folder/content/0/deep/two.html", b"<html><p>Copper.</p></html>", filepath="/deep/"),
        services.file("1/mod_folder/content/0/film.mp4", b"\x00" * 30, "video/mp4"),
    ]
    services.add("folder", "Readings", line={"contents": listed})
    read_moodle()
    assert "Copper." in texts()["folder:1:/deep/two.html"]
    assert "No text can be read" in kept()["folder:1:/film.mp4"].reason
    assert not [path for path in services.paths if "film" in path]


def test_a_json_file_that_is_no_error_and_a_file_elsewhere_are_told_apart(
    services: FakeMoodle, read_moodle: ReadMoodle, kept: Kept, texts: Texts
) -> None:
    listed = [
        services.file("1/mod_folder/content/0/a.txt", b'{"error": 1}', "application/json"),
        services.file("1/mod_folder/content/0/b.txt", b"x", fileurl="http://127.0.0.1:9/steal"),
    ]
    services.add("folder", "Readings", line={"contents": listed})
    read_moodle()
    assert texts()["folder:1:/a.txt"] == '{"error": 1}'
    assert "does not lie in Moodle" in kept()["folder:1:/b.txt"].reason
