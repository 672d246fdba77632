"""Read a register number that was written into the boxes (scans.md 4.2): needs the optional extra `ocr`, and nothing
else does. The network is ours, trained by benchmarks/train_digits.py; digits.NOTICE.md says on what."""

import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from lti_tool.content.extraction.recognition import runs_networks
from lti_tool.scans.pages.states import EvidenceKind
from lti_tool.scans.readers.ink import Grey, Ink, as_digit, ink_of
from lti_tool.scans.readers.readings import LogProbabilities, Reading
from lti_tool.scans.readers.registration import Registration, part_of
from lti_tool.scans.sheets.layout import Area, number_boxes, number_strip

MODEL = Path(__file__).with_name("digits.onnx")
REACH = 0.4
"""Millimetres inside a box's line: the lines are pale, but a dirty copy darkens them."""


@dataclass(frozen=True, kw_only=True)
class DigitReader:
    """The network in memory."""

    network: Any
    version: str

    def log_probabilities(self, digits: list[Ink]) -> LogProbabilities:
        """For each 28 x 28 digit the logarithms of its ten probabilities."""
        (logits,) = self.network.run(None, {"digits": np.stack(digits)[:, None].astype(np.float32)})
        highest = logits.max(axis=1, keepdims=True)
        logs = logits - highest - np.log(np.exp(logits - highest).sum(axis=1, keepdims=True))
        return tuple(tuple(round(float(value), 3) for value in row) for row in logs)


def can_read_handwriting() -> bool:
    """Whether this site has what runs the network."""
    return runs_networks()


@cache
def digit_reader() -> DigitReader | None:
    """The reader, loaded once in a process; None where the extra `ocr` was not installed."""
    if not can_read_handwriting():
        return None
    # It is optional, and heavy for a process that reads no scan.
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    content = MODEL.read_bytes()
    network = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    return DigitReader(network=network, version=f"digits {hashlib.sha256(content).hexdigest()[:12]}")


def read_number(page: Grey, registration: Registration, digits: int, reader: DigitReader) -> Reading | None:
    """The number in the boxes; None if a box is blank, for half a number is no claim."""
    if not digits:
        return None
    strip = number_strip(digits)
    cut = registration.cut(page, strip)
    boxes = [_digit_in(cut, box.seen_from(strip)) for box in number_boxes(digits)]
    written = [box for box in boxes if box is not None]
    if len(written) < digits:
        return None
    places = reader.log_probabilities(written)
    return Reading(
        kind=EvidenceKind.DIGITS,
        claim="".join(str(int(np.argmax(place))) for place in places),
        score=float(np.exp(sum(max(place) for place in places))),
        version=reader.version,
        frame=registration.frame(page, strip),
        places=places,
    )


def _digit_in(strip: Grey, box: Area) -> Ink | None:
    return as_digit(ink_of(part_of(strip, box.within(REACH))))
