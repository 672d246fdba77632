"""The text of one scanned page by RapidOCR, where it was installed (the extra `ocr`; its models come with it).

Each page is read in a limited process of its own: it takes seconds, and a page that is damaged costs no other.
"""

import importlib.util
import tempfile
from pathlib import Path
from typing import Any

from PIL import Image

from lti_tool.files import sandbox
from lti_tool.files.pdf import render_page

WIDTH = 1654
"""An A4 page at 200 dots per inch."""
MARGIN = 60
PAPER = 160
"""Lighter pixels are no ink."""
LIMITS = sandbox.Limits(memory=3 * 1024**3, cpu_seconds=80)
"""A dense page takes 15 seconds and 0.9 GB of real memory."""
PARAMETERS = {
    "Global.log_level": "critical",
    # More lines at once, or more threads, need more memory than the limited process has.
    "Rec.rec_batch_num": 1,
    "EngineConfig.onnxruntime.intra_op_num_threads": 1,
    "EngineConfig.onnxruntime.inter_op_num_threads": 1,
}


def is_installed() -> bool:
    """Whether this site can read scanned pages."""
    return runs_networks() and importlib.util.find_spec("rapidocr") is not None


def runs_networks() -> bool:
    """Whether this site has what runs small networks, such as the one that reads handwritten digits."""
    return importlib.util.find_spec("onnxruntime") is not None


def recognised(path: Path, page_number: int) -> str:
    """The lines of a page from top to bottom; raises InvalidInput where the page cannot be drawn or read."""
    return sandbox.run_within(LIMITS, read_page, str(path), page_number)


def read_page(path: str, page_number: int) -> str:
    """Runs in the limited process only."""
    # Here and not above: the engine is optional, and heavy for a process that reads no scan.
    from rapidocr import RapidOCR

    with tempfile.TemporaryDirectory() as folder:
        picture = f"{folder}/page.webp"
        render_page(path, page_number, picture, width=WIDTH)
        with Image.open(picture) as page:
            inked = _inked(page.convert("RGB"))
    engine: Any = RapidOCR(params=PARAMETERS)
    found = engine(inked) if inked else None
    return "\n".join(found.txts or ()) if found else ""


def _inked(page: Image.Image) -> Image.Image | None:
    """The part of a page that holds ink: the engine finds a single line on an empty page badly, and blank ones cost."""
    box = page.convert("L").point([255 * (grey < PAPER) for grey in range(256)]).getbbox()
    if box is None:
        return None
    left, top = max(box[0] - MARGIN, 0), max(box[1] - MARGIN, 0)
    return page.crop((left, top, min(box[2] + MARGIN, page.width), min(box[3] + MARGIN, page.height)))
