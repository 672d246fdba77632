"""What comes out of an archive, and what a hostile one cannot do."""

import io
import zipfile
from pathlib import Path

import pytest

from lti_tool.errors import InvalidInput
from lti_tool.scans.intake import archives
from lti_tool.scans.intake.archives import unpack
from tests.files import samples


@pytest.fixture
def unpacked(tmp_path: Path):  # type: ignore[no-untyped-def]
    def taken(content: bytes, most: int = 1000) -> list[tuple[str, str]]:
        path, folder = tmp_path / "a.zip", tmp_path / "out"
        path.write_bytes(content)
        folder.mkdir()
        return [(each["name"], each.get("reason", "")) for each in unpack(str(path), str(folder), most)]

    return taken


def test_members_of_folders_come_out_and_litter_does_not(unpacked) -> None:  # type: ignore[no-untyped-def]
    content = samples.archive(**{"room/a.pdf": b"a", "b.pdf": b"b", "__MACOSX/._b.pdf": b"x", "room/.DS_Store": b"x"})
    assert unpacked(content) == [("room/a.pdf", ""), ("b.pdf", "")]


def test_no_name_decides_where_anything_is_written(unpacked, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    unpacked(samples.archive(**{"../../evil.pdf": b"x", "/etc/evil.pdf": b"y"}))
    written = sorted(path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file())
    assert written == ["a.zip", "out/0", "out/1"]


def test_a_member_that_unpacks_without_end_is_refused_alone(unpacked, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    found = unpacked(samples.archive(**{"bomb.pdf": bytes(5_000_000), "a.pdf": b"a"}))
    assert found == [("bomb.pdf", "too_large"), ("a.pdf", "")]
    assert sum(path.stat().st_size for path in (tmp_path / "out").iterdir()) == 1


def test_an_archive_that_unpacks_to_too_much_is_refused(unpacked, monkeypatch: pytest.MonkeyPatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setattr(archives, "MOST_BYTES", 2_500)
    with pytest.raises(InvalidInput, match="more than can be taken"):
        unpacked(samples.archive(**{f"{number}.pdf": bytes(900) for number in range(4)}))


def test_too_many_members_are_refused(unpacked, monkeypatch: pytest.MonkeyPatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setattr(archives, "MOST_MEMBERS", 1)
    with pytest.raises(InvalidInput, match="2 files"):
        unpacked(samples.archive(a=b"", b=b""))


def test_a_damaged_member_leaves_the_others(unpacked) -> None:  # type: ignore[no-untyped-def]
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w") as written:
        written.writestr("a.pdf", b"AAAAAAAAAA")
        written.writestr("b.pdf", b"BBBBBBBBBB")
    assert unpacked(output.getvalue().replace(b"AAAAAAAAAA", b"AAAACAAAAA")) == [("a.pdf", "unreadable"), ("b.pdf", "")]


def test_what_is_no_archive_is_refused(unpacked) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(InvalidInput, match="damaged"):
        unpacked(b"PK\x03\x04 nothing")
