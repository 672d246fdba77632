"""A marked copy is put together: the cover, then each page of the work as it was, with marks over it and words beside.

Everything here runs in the limited process only (sandbox.run): it opens files that students sent. Of a PDF's page only
what is drawn there is taken, so that no script and no attachment of the original is in the copy.
"""

import io
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from typing import Any, TypedDict

import pikepdf
from PIL import Image, ImageOps

from lti_tool.files.drawing import drawer
from lti_tool.files.images import plain_picture

PICTURE_WIDTH = 595
LONGEST_SIDE = 2400
QUALITY = 88
BOXES = ("/TrimBox", "/ArtBox", "/BleedBox")


class Leaf(TypedDict):
    """One page of the work, and the name of what is drawn over it; without a name it stays as it is."""

    path: str
    page: int
    is_picture: bool
    sheet: str


def page_sizes(path: str) -> list[list[float]]:
    """Width and height of each page as it is shown, in points."""
    with pikepdf.open(path) as document:
        return [list(_shown_size(page)) for page in document.pages]


def picture_size(path: str) -> list[float]:
    """A picture as a page as wide as a sheet of paper."""
    with Image.open(path, formats=("PNG", "JPEG", "WEBP")) as image:
        width, height = ImageOps.exif_transpose(image).size
    return [float(PICTURE_WIDTH), round(PICTURE_WIDTH * height / width, 2)]


def bind(html: str, style: str, leaves: list[Leaf], target: str) -> int:
    """Write the copy to `target`; how many pages it has."""
    weasyprint = drawer()
    drawn = weasyprint.HTML(string=html).render(stylesheets=[weasyprint.CSS(string=style)])
    names = [_name_of(page) for page in drawn.pages]
    with ExitStack() as opened:
        copy = opened.enter_context(pikepdf.new())
        over = opened.enter_context(pikepdf.open(io.BytesIO(drawn.write_pdf())))
        works = {path: _opened(opened, path) for path in {leaf["path"] for leaf in leaves if not leaf["is_picture"]}}
        groups = _groups(names)
        copy.pages.extend(over.pages[number] for number in groups.pop("cover"))
        for leaf in leaves:
            _add(copy, works, leaf, [over.pages[number] for number in groups.get(leaf["sheet"], [])])
        copy.save(target, object_stream_mode=pikepdf.ObjectStreamMode.generate)
        return len(copy.pages)


def _opened(opened: ExitStack, path: str) -> pikepdf.Pdf:
    """Once for all its pages: fonts and pictures that they share are then in the copy once."""
    document = opened.enter_context(pikepdf.open(path))
    document.flatten_annotations("all")
    return document


def _add(copy: pikepdf.Pdf, works: Mapping[str, pikepdf.Pdf], leaf: Leaf, over: Sequence[pikepdf.Page]) -> None:
    """The page of the work under what is drawn over it; words that found no room follow on pages of their own."""
    form, (width, height) = _content(copy, works, leaf)
    if over:
        copy.pages.extend(over)
        page = copy.pages[-len(over)]
    else:
        page = copy.add_blank_page(page_size=(width, height))
    top = float(page.mediabox[3])
    page.add_underlay(form, pikepdf.Rectangle(0, top - height, width, top))


def _content(copy: pikepdf.Pdf, works: Mapping[str, pikepdf.Pdf], leaf: Leaf) -> tuple[Any, tuple[float, float]]:
    if leaf["is_picture"]:
        return _picture(copy, leaf["path"])
    page = works[leaf["path"]].pages[leaf["page"] - 1]
    size = _shown_size(page)
    return copy.copy_foreign(page.as_form_xobject(handle_transformations=True)), size


def _shown_size(page: pikepdf.Page) -> tuple[float, float]:
    """As readers show it: cut to its crop box, turned. What else cuts a page is for printers."""
    for box in BOXES:
        if box in page.obj:
            del page.obj[box]
    left, bottom, right, top = (float(side) for side in page.cropbox)
    unit = float(page.obj.get("/UserUnit", 1))
    width, height = abs(right - left) * unit, abs(top - bottom) * unit
    return (height, width) if _rotation(page) % 180 else (width, height)


def _rotation(page: pikepdf.Page) -> int:
    found: Any = page.obj.get("/Rotate")
    node: Any = page.obj
    while found is None and "/Parent" in node:
        node = node["/Parent"]
        found = node.get("/Rotate")
    return int(found or 0)


def _picture(copy: pikepdf.Pdf, path: str) -> tuple[pikepdf.Object, tuple[float, float]]:
    width, height = picture_size(path)
    plain = plain_picture(path, LONGEST_SIDE)
    written = io.BytesIO()
    plain.save(written, "JPEG", quality=QUALITY)
    image_object = copy.make_stream(
        written.getvalue(),
        Type=pikepdf.Name.XObject,
        Subtype=pikepdf.Name.Image,
        Width=plain.width,
        Height=plain.height,
        ColorSpace=pikepdf.Name.DeviceRGB,
        BitsPerComponent=8,
        Filter=pikepdf.Name.DCTDecode,
    )
    form = copy.make_stream(
        f"q {width} 0 0 {height} 0 0 cm /Im0 Do Q".encode(),
        Type=pikepdf.Name.XObject,
        Subtype=pikepdf.Name.Form,
        BBox=[0, 0, width, height],
        Resources=pikepdf.Dictionary(XObject=pikepdf.Dictionary(Im0=image_object)),
    )
    return form, (width, height)


def _name_of(page: Any) -> str:
    """The anchor that begins on a drawn page; empty where it goes on from the page before."""
    return next((name for name in page.anchors if name == "cover" or name.startswith("sheet-")), "")


def _groups(names: Sequence[str]) -> dict[str, list[int]]:
    """The numbers of the drawn pages by the anchor that they belong to."""
    groups: dict[str, list[int]] = {}
    current = "cover"
    for number, name in enumerate(names):
        current = name or current
        groups.setdefault(current, []).append(number)
    return groups
