"""Parts of a picture are found as scipy finds them, which takes longer to load than a pile's page to read."""

import subprocess
import sys

import numpy as np
import pytest
from scipy import ndimage

from lti_tool.scans.readers.strokes import grown, parts_of


@pytest.mark.parametrize("share", [0.0, 0.1, 0.3, 0.5, 1.0])
def test_parts_and_their_sizes_are_those_that_scipy_finds(share: float) -> None:
    rng = np.random.default_rng(3)
    for height, width in [(1, 1), (1, 40), (40, 1), (66, 62)]:
        dark = rng.random((height, width)) < share
        labels, sizes = parts_of(dark)
        expected, count = ndimage.label(dark, structure=np.ones((3, 3)))
        assert (labels == expected).all()
        assert sizes.tolist() == [int((expected == part).sum()) for part in range(1, count + 1)]


def test_strokes_grow_as_scipy_makes_them_grow() -> None:
    dark = np.random.default_rng(4).random((66, 62)) < 0.02
    assert (grown(dark, times=2) == ndimage.binary_dilation(dark, iterations=2)).all()


def test_the_process_that_reads_pages_loads_no_scipy() -> None:
    """It begins anew for every 25 pages."""
    code = "import sys, lti_tool.scans.pages.reading; sys.exit('scipy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
