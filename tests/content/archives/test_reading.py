"""What is read from a backup and a cartridge, and what is refused."""

import tarfile
import time
from collections.abc import Mapping
from pathlib import Path

import pytest

from lti_tool.content.archives import unpacking
from lti_tool.content.archives.found import FoundCourse, FoundItem
from lti_tool.content.archives.reading import read_archive
from lti_tool.errors import InvalidInput
from tests.content.archives.samples import CARTRIDGE, Backup, gzipped, html, zipped


def read(folder: Path, content: bytes) -> FoundCourse:
    path, target = folder / "archive", folder / "unpacked"
    path.write_bytes(content)
    target.mkdir()
    return read_archive(path, target)


def by_key(found: FoundCourse) -> dict[str, FoundItem]:
    return {item["key"].partition("/")[2]: item for item in found["items"]}


@pytest.fixture
def backup() -> Backup:
    made = Backup()
    made.section(1, "Leaves", "<p>About leaves.</p>")
    return made


RECORDS = {
    "page": html("intro", "Before.") + html("content", "**Sugar** [x]($@PAGEVIEWBYID*9@$)", 4),
    "label": html("intro", "Water <plants>", 2),
    "assign": html("intro", "Write.")
    + html("activity", "500 words.")
    + "<duedate>1800000000</duedate><grade>20.00000</grade>",
    "quiz": html("intro", "Ten.") + "<timeopen>1790000000</timeopen><question_instances>SECRET</question_instances>",
    "forum": html("intro", "Discuss.") + "<discussions><discussion><name>SECRET</name></discussion></discussions>",
    "url": html("intro", "See.") + "<externalurl>https://a.example/?b=1&amp;c=2</externalurl>",
    "choice": html("intro", "Choose.") + "<options><option><text>SECRET</text></option></options>",
}
EXPECTED = {
    "page": ("Before.", "<strong>Sugar</strong>", 'href="#"'),
    "label": ("<p>Water &lt;plants&gt;</p>",),
    "assign": ("Write.", "500 words.", "Due date: 2027-01-15", "Maximum grade: 20"),
    "quiz": ("Ten.", "Opens: 2026-09-21"),
    "forum": ("Discuss.",),
    "url": ("See.", "https://a.example/?b=1&amp;c=2"),
    "choice": ("Choose.",),
}


def test_each_kind_of_activity_gives_its_texts_and_no_more(tmp_path: Path, backup: Backup) -> None:
    for module, record in RECORDS.items():
        backup.activity(module, 1, module, record)
    found = {key: item["html"] or "" for key, item in by_key(read(tmp_path, backup.mbz())).items()}
    assert found["section:1"] == "<p>About leaves.</p>"
    for module, texts in EXPECTED.items():
        assert all(text in found[f"{module}:1"] for text in texts)
    assert not any("SECRET" in text for text in found.values())


def test_a_book_is_read_by_chapters_and_hides_what_lies_below_a_hidden_one(tmp_path: Path, backup: Backup) -> None:
    def chapter(number: int, *, sub: int, hidden: int) -> str:
        return (
            f'<chapter id="{number}"><pagenum>{number}</pagenum><subchapter>{sub}</subchapter><title>C{number}</title>'
            f"{html('content', f'Text {number}.')}<hidden>{hidden}</hidden></chapter>"
        )

    chapters = (
        chapter(3, sub=1, hidden=0)
        + chapter(2, sub=0, hidden=1)
        + chapter(1, sub=0, hidden=0)
        + chapter(4, sub=0, hidden=0)
    )
    backup.activity("book", 9, "Botany", html("intro", "A book.") + f"<chapters>{chapters}</chapters>")
    found = by_key(read(tmp_path, backup.mbz()))
    hidden = {key: item["is_hidden"] for key, item in found.items() if key.startswith("book")}
    assert hidden == {"book:9": False, "book:9:1": False, "book:9:2": True, "book:9:3": True, "book:9:4": False}
    assert (found["book:9:1"]["title"], found["book:9:1"]["address"]) == (
        "Botany: C1",
        "/mod/book/view.php?id=9&chapterid=1",
    )


def test_a_glossary_gives_its_first_hundred_approved_entries(tmp_path: Path, backup: Backup) -> None:
    entries = "".join(
        f"<entry><concept>Word{n}</concept>{html('definition', f'Means {n}.')}"
        f"<approved>{int(n != 5)}</approved></entry>"
        for n in range(110)
    )
    backup.activity("glossary", 1, "Words", f"<entries>{entries}</entries>")
    text = by_key(read(tmp_path, backup.mbz()))["glossary:1"]["html"] or ""
    assert text.count("<h2>") == 100 and "<h2>Word4</h2>Means 4." in text and "Word5<" not in text


def test_a_wiki_gives_the_pages_that_belong_to_everybody(tmp_path: Path, backup: Backup) -> None:
    def subwiki(user: int, words: str) -> str:
        page = f'<page id="{user + 1}"><title>Start</title><cachedcontent>{words}</cachedcontent></page>'
        return f"<subwiki><groupid>0</groupid><userid>{user}</userid><pages>{page}</pages></subwiki>"

    backup.activity("wiki", 1, "Wiki", f"<subwikis>{subwiki(0, 'Ours.')}{subwiki(7, 'Mine alone.')}</subwikis>")
    assert [item["html"] for key, item in by_key(read(tmp_path, backup.mbz())).items() if "wiki" in key] == ["Ours."]


def test_a_lesson_is_read_in_its_order_without_answers(tmp_path: Path, backup: Backup) -> None:
    def page(number: int, before: int, after: int) -> str:
        return (
            f'<page id="{number}"><prevpageid>{before}</prevpageid><nextpageid>{after}</nextpageid>'
            f"<title>P{number}</title>{html('contents', f'Text {number}.')}"
            "<answers><answer><answer_text>SECRET</answer_text></answer></answers></page>"
        )

    backup.activity("lesson", 1, "Bark", f"<pages>{page(1, 2, 0)}{page(2, 0, 1)}</pages>")
    backup.activity("lesson", 2, "Locked", f"<usepassword>1</usepassword><pages>{page(3, 0, 0)}</pages>")
    found = by_key(read(tmp_path, backup.mbz()))
    assert found["lesson:1"]["html"] == "<h2>P2</h2>Text 2.\n<h2>P1</h2>Text 1."
    assert (found["lesson:1"]["is_restricted"], found["lesson:2"]["is_restricted"]) == (False, True)


CONDITION = '{"op":"&","c":[{"type":"date","d":">=","t":1999999999}],"showc":[true]}'
STANDINGS = {
    "visible": ({}, (False, False)),
    "hidden": ({"visible": 0}, (True, False)),
    "kept off the course page": ({"on_page": 0}, (True, False)),
    "restricted": ({"availability": CONDITION}, (False, True)),
    "without conditions": ({"availability": '{"op":"&","c":[],"showc":[]}'}, (False, False)),
    "with conditions nobody can read": ({"availability": "?"}, (False, True)),
    "in a hidden section": ({"section": 2}, (True, False)),
    "in a restricted section": ({"section": 3}, (False, True)),
    "in a part of a hidden section": ({"section": 4}, (True, False)),
}


@pytest.mark.parametrize("case", STANDINGS)
def test_an_activity_is_no_more_visible_than_moodle_keeps_it(tmp_path: Path, backup: Backup, case: str) -> None:
    values, expected = STANDINGS[case]
    backup.section(2, "Hidden", visible=0)
    backup.section(3, "Later", availability=CONDITION)
    backup.section(4, "Part", more="<component>mod_subsection</component><itemid>77</itemid>")
    backup.activity("subsection", 50, "Part", section=2, instance=77)
    backup.activity("page", 1, "Light", html("content", "Sugar."), **values)  # type: ignore[arg-type]
    found = by_key(read(tmp_path, backup.mbz()))["page:1"]
    assert (found["is_hidden"], found["is_restricted"]) == expected


def test_a_description_that_moodle_keeps_back_is_restricted(tmp_path: Path, backup: Backup) -> None:
    dates = f"<allowsubmissionsfromdate>{int(time.time()) + 9999}</allowsubmissionsfromdate>"
    backup.activity(
        "assign", 1, "Later", html("intro", "A.") + dates + "<alwaysshowdescription>0</alwaysshowdescription>"
    )
    backup.activity(
        "assign", 2, "Shown", html("intro", "A.") + dates + "<alwaysshowdescription>1</alwaysshowdescription>"
    )
    found = by_key(read(tmp_path, backup.mbz()))
    assert (found["assign:1"]["is_restricted"], found["assign:2"]["is_restricted"]) == (True, False)


def test_files_are_found_by_their_content(tmp_path: Path, backup: Backup) -> None:
    backup.activity("resource", 1, "Handout")
    backup.file("resource", 1, "leaf.txt", b"Stomata open.")
    backup.activity("folder", 2, "Folder")
    backup.file("folder", 2, "a.txt", b"Mosses.", main=False)
    found = by_key(read(tmp_path, backup.mbz()))
    assert {key: item["title"] for key, item in found.items() if item["path"]} == {
        "resource:1:/leaf.txt": "Handout",
        "folder:2:/a.txt": "a.txt",
    }
    assert (tmp_path / "unpacked" / found["folder:2:/a.txt"]["path"]).read_bytes() == b"Mosses."


def test_one_damaged_activity_does_not_stop_the_others(tmp_path: Path, backup: Backup) -> None:
    backup.activity("page", 1, "Broken")
    backup.activity("page", 2, "Whole", html("content", "Sugar."))
    backup.members["activities/page_1/page.xml"] = "<activity><page>"
    found = by_key(read(tmp_path, backup.mbz()))
    assert "damaged" in found["page:1"]["failure"] and found["page:2"]["html"] == "Sugar."


def test_an_older_backup_is_a_zip(tmp_path: Path, backup: Backup) -> None:
    backup.activity("page", 1, "Light", html("content", "Sugar."))
    assert by_key(read(tmp_path, zipped(backup.all_members())))["page:1"]["html"] == "Sugar."


def test_a_cartridge_gives_pages_links_topics_and_files_and_names_its_quizzes(tmp_path: Path) -> None:
    course = read(tmp_path, zipped(CARTRIDGE))
    found = by_key(course)
    assert (course["origin"], course["title"], {item["section"] for item in course["items"]}) == (
        "cartridge",
        "Botany",
        {"Week 1"},
    )
    assert {key: item["kind"] for key, item in found.items()} == {
        "r1": "page",
        "r2": "link",
        "r3": "forum",
        "r4": "quiz",
        "r5": "file",
        "r6": "page",
        "r7": "file",
    }
    assert "https://plants.example/a?b=1&amp;c=2" in (found["r2"]["html"] or "")
    assert found["r3"]["html"] == "<p>Which plant is yours?</p>" and found["r4"]["html"] == "<p>Quiz: Leaf quiz</p>"
    assert (found["r5"]["path"], found["r6"]["is_hidden"], "missing" in found["r7"]["failure"]) == (
        "files/hand out.txt",
        True,
        True,
    )


def test_another_package_is_no_cartridge(tmp_path: Path) -> None:
    manifest = CARTRIDGE["imsmanifest.xml"].replace("IMS Common Cartridge", "ADL SCORM")
    with pytest.raises(InvalidInput, match="no Common Cartridge"):
        read(tmp_path, zipped({"imsmanifest.xml": manifest}))


def link() -> tarfile.TarInfo:
    info = tarfile.TarInfo("files/passwd")
    info.type, info.linkname = tarfile.SYMTYPE, "/etc/passwd"
    return info


def entities(name: str) -> str:
    laughs = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10 if n else "ha" * 500}">' for n in range(9))
    return f"<!DOCTYPE x [{laughs}]><{name}>&e8;</{name}>"


def secret() -> str:
    return '<!DOCTYPE x [<!ENTITY s SYSTEM "file:///etc/passwd">]><moodle_backup>&s;</moodle_backup>'


def misled(name: str, old: str, new: str, members: Mapping[str, bytes | str]) -> bytes:
    return zipped({**members, name: str(members[name]).replace(old, new)})


OUTSIDE = "<activities><activity><directory>activities/../../etc</directory></activity>"
HOSTILE = {
    "a path that leaves the folder": (lambda: zipped({"../evil": "x"}), "archive_path"),
    "an absolute path": (lambda: gzipped({"/tmp/evil": "x"}), "archive_path"),
    "a path of Windows that leaves": (lambda: zipped({"..\\evil": "x"}), "archive_path"),
    "a link": (lambda: gzipped({}, link()), "archive_path"),
    "a cut off archive": (lambda: Backup().mbz()[:100], "archive_broken"),
    "no archive": (lambda: b"PK\x03\x04 nothing", "archive_broken"),
    "an unknown archive": (lambda: zipped({"a.txt": "x"}), "archive_unknown"),
    "entities": (lambda: zipped({"moodle_backup.xml": entities("moodle_backup")}), "archive_broken"),
    "an entity from a file": (lambda: zipped({"moodle_backup.xml": secret()}), "archive_doctype"),
    "a manifest cut off": (lambda: zipped({"imsmanifest.xml": "<manifest>"}), "archive_broken"),
    "a directory that leaves": (
        lambda: misled("moodle_backup.xml", "<activities>", OUTSIDE, Backup().all_members()),
        "archive_path",
    ),
    "a manifest that points outside": (
        lambda: misled("imsmanifest.xml", "pages/leaves.html", "../../../etc/passwd", CARTRIDGE),
        "archive_path",
    ),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_a_hostile_or_broken_archive_is_refused_with_a_reason(tmp_path: Path, case: str) -> None:
    make, code = HOSTILE[case]
    with pytest.raises(InvalidInput) as refusal:
        read(tmp_path, make())
    assert refusal.value.code == code and len(refusal.value.message) > 20
    assert not (tmp_path / "evil").exists()


def test_what_unpacks_to_far_too_much_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Counted as it comes out: an archive may say anything of itself."""
    monkeypatch.setattr(unpacking, "MOST_UNPACKED", 1000)
    bomb = tmp_path / "bomb"
    bomb.write_bytes(gzipped({"moodle_backup.xml": bytes(5000)}))
    with pytest.raises(InvalidInput, match="far more"):
        unpacking.unpack(str(bomb), str(tmp_path / "out"))
    bomb.write_bytes(zipped({"a": bytes(600), "b": bytes(600)}))
    with pytest.raises(InvalidInput, match="far more"):
        unpacking.unpack(str(bomb), str(tmp_path / "out"))
