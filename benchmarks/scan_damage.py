"""Handwriting in printed boxes, and what scanners and people do to a page (for benchmarks/scan_identification.py)."""

import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from lti_tool.scans.readers.ink import Grey
from lti_tool.scans.sheets import layout

Digits = dict[int, list[Grey]]
POOL = np.random.default_rng(3).standard_normal(1_500_007).astype(np.float32)


def mnist(folder: Path) -> Digits:
    """MNIST's test digits, white on black, by their value: a folder with test/0 to test/9."""
    return {
        digit: [np.asarray(Image.open(path).convert("L")) for path in sorted((folder / "test" / str(digit)).iterdir())]
        for digit in range(10)
    }


def semeion(table: Path) -> Digits:
    """The Semeion digits (UCI, CC BY 4.0): for each 256 points, then the ten possible answers, in whatever lines."""
    rows = np.array(table.read_text().split(), dtype=float).reshape(1593, -1)
    found: Digits = {digit: [] for digit in range(10)}
    for row in rows:
        found[int(row[256:266].argmax())].append((row[:256].reshape(16, 16) * 255).astype(np.uint8))
    return found


def write_number(page: Image.Image, number: str, digits: Digits, dots: float, rng: np.random.Generator) -> None:
    """Somebody writes the number into the boxes, in one size and with one pen; `dots` are those of a millimetre."""
    height, pen = rng.uniform(4.8, 7.0), int(rng.integers(10, 90))
    for box, digit in zip(layout.number_boxes(len(number)), number, strict=True):
        drawn = digits[int(digit)][rng.integers(len(digits[int(digit)]))]
        cut = drawn[np.flatnonzero(drawn.max(axis=1))[0] :, np.flatnonzero(drawn.max(axis=0))[0] :]
        cut = cut[: np.flatnonzero(cut.max(axis=1))[-1] + 1, : np.flatnonzero(cut.max(axis=0))[-1] + 1]
        tall = height * rng.uniform(0.9, 1.1)
        wide = min(tall * cut.shape[1] / cut.shape[0], 7.5)
        mask = Image.fromarray(cut).resize(
            (max(2, round(wide * dots)), max(2, round(tall * dots))), Image.Resampling.BICUBIC
        )
        left = box.centre[0] - wide / 2 + rng.normal(0, 0.3)
        top = box.centre[1] - tall / 2 + rng.normal(0, 0.3)
        page.paste(pen, (round(left * dots), round(top * dots)), mask)


def fill_bubbles(page: Image.Image, number: str, dots: float, rng: np.random.Generator) -> None:
    """Somebody fills the bubbles with a pen or a pencil."""
    draw, tone = ImageDraw.Draw(page), int(rng.integers(20, 110))
    for column, digit in zip(layout.bubbles(len(number)), number, strict=True):
        across, down = column[int(digit)].centre
        across, down = across + rng.normal(0, 0.25), down + rng.normal(0, 0.25)
        radius = layout.BUBBLE / 2 * rng.uniform(0.7, 1.05)
        draw.ellipse([(c + s * radius) * dots for s in (-1, 1) for c in (across, down)], fill=tone)


@dataclass(frozen=True, kw_only=True)
class Scan:
    """A scanned page, and what happened to it on the way."""

    page: Grey
    harm: frozenset[str]


HARMS = (
    "stamp on a code",
    "pen across a code",
    "turned by a quarter",
    "blur",
    "fold",
    "noise",
    "dots",
    "bad JPEG",
    "none",
)
"""What `damaged` may do beside a slight turn and skew, which every page has. Slight blur and noise are not named."""


def damaged(page: Image.Image, dots: float, rng: np.random.Generator) -> Scan:
    """A scan of it: turned, skewed, blurred, noisy, stamped, folded, as a JPEG; each by its own chance."""
    harm = set()
    if rng.random() < 0.15:
        _stamp(page, dots, rng)
        harm.add("stamp on a code")
    if rng.random() < 0.10:
        _pen(page, dots, rng)
        harm.add("pen across a code")
    page = _turned(page, rng, harm)
    if rng.random() < 0.5:
        page = page.filter(ImageFilter.GaussianBlur(_noted(harm, "blur", rng.uniform(0.3, 1.3), 0.8)))
    grey = np.asarray(
        page.point([round(tone * brightness) for brightness in [rng.uniform(0.85, 1)] for tone in range(256)])
    )
    if rng.random() < 0.2:
        grey = _folded(grey, rng)
        harm.add("fold")
    strength = _noted(harm, "noise", rng.uniform(0, 12), 8)
    grey = np.clip(grey + noise(grey.shape, strength, rng), 0, 255).astype(np.uint8)
    if rng.random() < 0.2:
        _spotted(grey, rng)
        harm.add("dots")
    quality = -_noted(harm, "bad JPEG", -float(rng.integers(25, 90)), -40)
    written = io.BytesIO()
    Image.fromarray(grey).save(written, "JPEG", quality=int(quality))
    return Scan(page=np.asarray(Image.open(written).convert("L")), harm=frozenset(harm or {"none"}))


def _noted(harm: set[str], name: str, strength: float, from_here: float) -> float:
    """How strong it is; named only where it is strong."""
    if strength >= from_here:
        harm.add(name)
    return strength


def noise(shape: tuple[int, ...], strength: float, rng: np.random.Generator) -> np.ndarray:
    """Normal noise; large pictures get pieces of one pool, which is drawn once."""
    piece = (POOL[int(rng.integers(len(POOL) // 2)) :] * strength).astype(np.int16)
    return np.resize(piece, shape)


def _spotted(grey: np.ndarray, rng: np.random.Generator) -> None:
    """Black and white dots."""
    count = int(grey.size * rng.uniform(0.002, 0.03) / 2)
    for tone in (0, 255):
        grey.flat[rng.integers(0, grey.size, count)] = tone


def _turned(page: Image.Image, rng: np.random.Generator, harm: set[str]) -> Image.Image:
    """A little askew, one in ten upside down or on its side, and not quite square."""
    width, height = page.size
    turn = np.radians(rng.normal(0, 1.2))
    linear = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]]) @ np.array(
        [[1, rng.normal(0, 0.002)], [rng.normal(0, 0.002), 1]]
    )
    middle = np.array([width / 2, height / 2])
    shift = middle - linear @ middle
    matrix = (*linear[0], shift[0], *linear[1], shift[1])
    page = page.transform(page.size, Image.Transform.AFFINE, matrix, Image.Resampling.BILINEAR, fillcolor=255)
    if rng.random() >= 0.1:
        return page
    harm.add("turned by a quarter")
    return page.rotate(int(rng.choice([90, 180, 270])), expand=True)


def _stamp(page: Image.Image, dots: float, rng: np.random.Generator) -> None:
    """An opaque stamp on one of the two codes."""
    area = layout.TOP_RIGHT if rng.random() < 0.5 else layout.BOTTOM_LEFT
    across, down = (area.left + rng.uniform(2, 18)) * dots, (area.top + rng.uniform(2, 18)) * dots
    radius = rng.uniform(4, 8) * dots
    tone = int(rng.integers(30, 140))
    ImageDraw.Draw(page).ellipse([across - radius, down - radius, across + radius, down + radius], fill=tone)


def _pen(page: Image.Image, dots: float, rng: np.random.Generator) -> None:
    """Two strokes across one code."""
    area = layout.TOP_RIGHT if rng.random() < 0.5 else layout.BOTTOM_LEFT
    for _ in range(2):
        ends = [((area.left + rng.uniform(-2, 22)) * dots, (area.top + rng.uniform(-2, 22)) * dots) for _ in range(2)]
        ImageDraw.Draw(page).line(ends, fill=40, width=max(1, round(0.6 * dots)))


def _folded(grey: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A shadow across the page where it was folded."""
    height = grey.shape[0]
    fold = rng.uniform(0.05, 0.95) * height
    rows = np.abs(np.arange(height) - fold) / (0.03 * height)
    return grey * (1 - 0.45 * np.exp(-(rows**2))).astype(np.float32)[:, None]
