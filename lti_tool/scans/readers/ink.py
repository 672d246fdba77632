"""How dark each point of a picture is, from 0 to 1, and a digit brought to the form that the network was trained on.

Nothing but numpy and Pillow is imported: the process that reads begins anew for every 25 pages.
"""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from lti_tool.scans.readers.strokes import Points, grown, parts_of

Grey = NDArray[np.uint8]
Ink = NDArray[np.float32]

SIDE = 28
"""Of the square that the network reads."""
FITTED = 20
"""Of the digit in it, as in the data of its training."""
PALE = 0.28
"""Contrast to the paper that printed boxes do not reach and pens do."""
SPECK = 0.06
"""Parts smaller than this share of the largest are dirt, unless the digit is made of such parts."""
FAINTEST = 0.15
"""Contrast below which a box is blank, whatever its darkest point is."""


def ink_of(grey: Grey) -> Ink:
    """The ink of a crop: pale printed lines are paper, the darkest strokes are 1."""
    paper = float(np.percentile(grey, 90))
    contrast = (paper - grey.astype(np.float32)) / max(paper, 1.0)
    darkest = float(np.percentile(contrast, 99.5))
    if darkest < PALE + FAINTEST:
        return np.zeros(grey.shape, np.float32)
    found: Ink = np.clip((contrast - PALE) / (darkest - PALE), 0, 1).astype(np.float32)
    return found


def as_digit(ink: Ink) -> Ink | None:
    """The digit of a box, 28 x 28 with its weight in the middle as in its training; None for a blank box."""
    stroke = _without_specks(ink)
    rows, columns = np.flatnonzero(stroke.max(axis=1) > 0.3), np.flatnonzero(stroke.max(axis=0) > 0.3)
    if not len(rows) or max(np.ptp(rows), np.ptp(columns)) < 0.2 * max(ink.shape):
        return None
    cut = stroke[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    return _centred(_fitted(cut))


def _without_specks(ink: Ink) -> Ink:
    labels, sizes = parts_of(ink > 0.3)
    if len(sizes) <= 1:
        return ink
    kept = 1 + np.flatnonzero(sizes >= SPECK * sizes.max())
    near: Points = grown(np.isin(labels, kept), times=2)
    kept_ink: Ink = np.where(near, ink, np.float32(0))
    return kept_ink


def _fitted(cut: Ink) -> Ink:
    scale = FITTED / max(cut.shape)
    height, width = (max(1, round(length * scale)) for length in cut.shape)
    picture = Image.fromarray((cut * 255).astype(np.uint8))
    small = np.asarray(picture.resize((width, height), Image.Resampling.BOX if scale < 1 else Image.Resampling.BICUBIC))
    found: Ink = small.astype(np.float32) / np.float32(255)
    return found


def _centred(small: Ink) -> Ink:
    total = max(float(small.sum()), 1e-6)
    row = float((small.sum(axis=1) * np.arange(small.shape[0])).sum()) / total
    column = float((small.sum(axis=0) * np.arange(small.shape[1])).sum()) / total
    top = int(np.clip(round(SIDE / 2 - row - 0.5), 0, SIDE - small.shape[0]))
    left = int(np.clip(round(SIDE / 2 - column - 0.5), 0, SIDE - small.shape[1]))
    square = np.zeros((SIDE, SIDE), np.float32)
    square[top : top + small.shape[0], left : left + small.shape[1]] = small
    return square
