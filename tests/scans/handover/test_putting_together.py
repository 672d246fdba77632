"""One PDF of a paper's pages: in order, upright, with the bytes of the scan."""

import io
from pathlib import Path

import pikepdf
from PIL import Image

from lti_tool.scans.handover.putting_together import put_together


def picture(folder: Path, name: str, *, size: tuple[int, int] = (200, 283), mode: str = "L", kind: str = "JPEG") -> str:
    written = io.BytesIO()
    Image.new(mode, size, 200 if mode == "L" else (200, 190, 180)).save(written, kind)
    (folder / name).write_bytes(written.getvalue())
    return str(folder / name)


def test_pages_stand_in_order_turned_and_as_they_were_scanned(tmp_path: Path) -> None:
    first, second = picture(tmp_path, "1.jpg"), picture(tmp_path, "2.jpg", size=(283, 200), mode="RGB")
    assert put_together([(first, 0), (second, 90)], str(tmp_path / "whole.pdf")) == 2
    with pikepdf.open(tmp_path / "whole.pdf") as document:
        scans = [page.Resources.XObject.Scan for page in document.pages]
        assert [scan.read_raw_bytes() for scan in scans] == [Path(first).read_bytes(), Path(second).read_bytes()]
        assert [int(page.get("/Rotate", 0)) for page in document.pages] == [0, 90]
        assert [max(page.mediabox) for page in document.pages] == [842, 842]


def test_a_drawn_page_goes_in_as_a_jpeg(tmp_path: Path) -> None:
    put_together([(picture(tmp_path, "1.webp", mode="RGB", kind="WEBP"), 0)], str(tmp_path / "whole.pdf"))
    with pikepdf.open(tmp_path / "whole.pdf") as document:
        scan = document.pages[0].Resources.XObject.Scan
        with Image.open(io.BytesIO(scan.read_raw_bytes())) as image:
            assert (image.format, image.size) == ("JPEG", (200, 283))


def test_the_same_pages_give_the_same_bytes(tmp_path: Path) -> None:
    pages = [(picture(tmp_path, "1.jpg"), 180)]
    for name in ("one.pdf", "two.pdf"):
        put_together(pages, str(tmp_path / name))
    assert (tmp_path / "one.pdf").read_bytes() == (tmp_path / "two.pdf").read_bytes()
