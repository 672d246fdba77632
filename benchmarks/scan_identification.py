"""Whose paper is it: printed covers through rotation, skew, noise, blur, JPEG and stamps; and 10,000 papers judged.

    git clone https://github.com/rasbt/mnist-pngs
    python -m benchmarks.scan_identification mnist-pngs [--semeion semeion.data] [--pages 2000] [--papers 10000]

Pages: covers of this very repository, drawn at 100 to 300 dots per inch, with numbers written by MNIST's test digits
and filled bubbles. Papers: campaigns of 500 students with consecutive numbers, in which sheets are swapped (half of
them between neighbours), numbers are written wrongly, strangers hand in, students hand in twice. Numbers are made of
digits that were written into pictures of the boxes and read by the network. None may be given to the wrong student
without a person.
"""

import argparse
import resource
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np
import pypdfium2
from cryptography.fernet import Fernet
from PIL import Image

from benchmarks.scan_damage import HARMS, Digits, damaged, fill_bubbles, mnist, noise, semeion, write_number
from lti_tool.scans.pages.states import EvidenceKind
from lti_tool.scans.readers.bubbles import read_bubbles
from lti_tool.scans.readers.digits import DigitReader, digit_reader, read_number
from lti_tool.scans.readers.ink import Grey
from lti_tool.scans.readers.judging import Binding, Entrants, Evidence, Strength, judge, judge_all
from lti_tool.scans.readers.page_codes import symbols_on
from lti_tool.scans.readers.readings import Reading
from lti_tool.scans.readers.registration import Registration, register
from lti_tool.scans.sheets.codes import SheetCode, code_text, exam_mark, new_serial, read_code
from lti_tool.scans.sheets.drawing import Heading, PrintedSheet, drawn
from lti_tool.scans.sheets.models import SheetKind
from lti_tool.secrets import Secrets

SEED, DIGITS, CLASS = 11, 12, 500
RESOLUTIONS = {100: 4, 150: 5, 200: 9, 300: 2}
"""Dots per inch, and how many of twenty pages are scanned so: 200 is what is recommended."""
COVERS = 12
FIRST_NUMBER = 230521100101
SECRETS = Secrets(app_key="benchmark", fernet=Fernet(Fernet.generate_key()))
WORDS = dict.fromkeys(("name", "place", "signature", "number", "how", "continues", "further"), "Words of the cover")
SWAPS, SLIPS, STRANGERS, DOUBLES, BLANKS = 0.005, 0.01, 0.002, 0.002, 0.002


@dataclass(frozen=True, kw_only=True)
class Cover:
    """One printed cover at each resolution."""

    code: SheetCode
    drawn: dict[int, Image.Image]


@cache
def covers() -> list[Cover]:
    codes = [SheetCode(exam=exam_mark(UUID(int=5)), serial=new_serial(), page=1) for _ in range(COVERS)]
    sheets = [
        PrintedSheet(kind=SheetKind.BOOKLET, codes=[(code_text(SECRETS, code), code.readable)], name="A. Student")
        for code in codes
    ]
    heading = Heading(
        course="A course", title="Final exam", subject="BIO210", digits=DIGITS, language="en", words=WORDS
    )
    document = pypdfium2.PdfDocument(drawn(sheets, heading))
    return [
        Cover(
            code=code,
            drawn={dpi: document[place].render(scale=dpi / 72).to_pil().convert("L") for dpi in RESOLUTIONS},
        )
        for place, code in enumerate(codes)
    ]


def read_page(page: Grey, reader: DigitReader) -> tuple[SheetCode | None, list[Reading]]:
    symbols = symbols_on(page, lambda text: read_code(SECRETS, text) is not None)
    registration = register(page, symbols) if symbols else None
    if registration is None:
        return None, []
    found = [read_number(page, registration, DIGITS, reader), read_bubbles(page, registration, DIGITS)]
    return read_code(SECRETS, symbols[0].text), [reading for reading in found if reading is not None]


def pages(digits: Digits, count: int, reader: DigitReader) -> None:
    """Every page once: what was read, how fast, and what the rule makes of it with and without a printed name."""
    rng, printed = np.random.default_rng(SEED), covers()
    entrants = Entrants.of({str(FIRST_NUMBER + place): place + 1 for place in range(CLASS)})
    often = [dpi for dpi, share in RESOLUTIONS.items() for _ in range(share)]
    counts: dict[int, Counter[str]] = {dpi: Counter() for dpi in RESOLUTIONS}
    harms: dict[str, Counter[str]] = {harm: Counter() for harm in HARMS}
    seconds: dict[int, float] = dict.fromkeys(RESOLUTIONS, 0.0)
    for index in range(count):
        dpi, cover = often[index % len(often)], printed[rng.integers(len(printed))]
        person = int(rng.integers(CLASS)) + 1
        number = str(FIRST_NUMBER + person - 1)
        page = cover.drawn[dpi].copy()
        write_number(page, number, digits, dpi / 25.4, rng)
        fill_bubbles(page, number, dpi / 25.4, rng)
        scan = damaged(page, dpi / 25.4, rng)
        began = time.process_time()
        code, readings = read_page(scan.page, reader)
        seconds[dpi] += time.process_time() - began
        noted = _noted(cover.code, number, person, code, readings, entrants)
        counts[dpi] += noted
        for harm in scan.harm:
            harms[harm] += noted
        if (index + 1) % 200 == 0 or index + 1 == count:
            print(f"{index + 1} pages, damaged at random; shares of each column's pages in %", flush=True)
            _table(counts)
            speeds = (counts[dpi]["pages"] / max(seconds[dpi], 1e-9) for dpi in RESOLUTIONS)
            print(f"  {'pages per CPU-second':32}" + "".join(f"{speed:9.0f}" for speed in speeds))
            _table(harms)


def _noted(
    printed: SheetCode, number: str, person: int, code: SheetCode | None, readings: list[Reading], entrants: Entrants
) -> Counter[str]:
    noted = Counter(
        {"pages": 1, "page code read": code == printed, "page code wrong": code is not None and code != printed}
    )
    for reading in readings:
        name = "handwriting" if reading.kind is EvidenceKind.DIGITS else "bubbles"
        noted[f"{name} right"] += reading.claim == number
        noted[f"{name} clear and wrong"] += reading.claim != number and name == "bubbles" and reading.is_clear
        noted[f"{name} clear"] += name == "bubbles" and reading.is_clear
    named = judge(Evidence(readings=readings, printed_for=person if code == printed else None), entrants)
    unnamed = judge(Evidence(readings=readings), entrants)
    for name, binding in (("printed name", named), ("no name", unnamed)):
        noted[f"{name}: identified"] += binding.strength is Strength.STRONG and binding.person_id == person
        noted[f"{name}: to a person"] += binding.strength is not Strength.STRONG
        noted[f"{name}: wrong"] += binding.strength is Strength.STRONG and binding.person_id != person
    return noted


def _table(counts: Mapping[Any, Counter[str]]) -> None:
    """A column for each resolution, or for each harm."""
    width = 2 + max(7, *(len(str(column)) for column in counts))
    print(f"  {'':32}" + "".join(f"{column!s:>{width}}" for column in counts))
    for name in dict.fromkeys(name for counter in counts.values() for name in counter if name != "pages"):
        shares = (100 * counter[name] / max(counter["pages"], 1) for counter in counts.values())
        print(f"  {name:32}" + "".join(f"{share:{width}.2f}" for share in shares))
    print(f"  {'pages':32}" + "".join(f"{counter['pages']:{width}}" for counter in counts.values()), flush=True)


@dataclass(frozen=True, kw_only=True)
class HandedIn:
    """One paper of a campaign: whose it truly is (0 for a stranger), whose name it carries, what is written on it."""

    truth: int
    printed_for: int | None
    written: str
    fault: str = ""


def campaign(rng: np.random.Generator, *, has_names: bool) -> list[HandedIn]:
    """What a class of 500 hands in, with the faults of life."""
    people = range(1, CLASS + 1)
    found = {
        one: HandedIn(truth=one, printed_for=one if has_names else None, written=str(FIRST_NUMBER + one - 1))
        for one in people
    }
    for one in _some(rng, SWAPS):
        other = min(one + 1, CLASS) if rng.random() < 0.5 else int(rng.integers(1, CLASS + 1))
        if one != other and not found[one].fault and not found[other].fault and has_names:
            for mine, theirs in ((one, other), (other, one)):
                found[mine] = replace(found[mine], printed_for=theirs, fault="swap")
    for one in _some(rng, SLIPS):
        if not found[one].fault:
            found[one] = replace(found[one], written=_slipped(found[one].written, rng), fault="slip")
    for one in _some(rng, BLANKS):
        if not found[one].fault:
            found[one] = replace(found[one], written="", fault="blank")
    papers = list(found.values())
    papers += [replace(found[one], printed_for=None, fault="double") for one in _some(rng, DOUBLES)]
    strangers = [str(int(rng.integers(10**11, 10**12))) for _ in _some(rng, STRANGERS)]
    near = [str(FIRST_NUMBER + CLASS + int(rng.integers(0, 400))) for _ in _some(rng, STRANGERS)]
    papers += [HandedIn(truth=0, printed_for=None, written=number, fault="stranger") for number in strangers + near]
    return papers


def _some(rng: np.random.Generator, share: float) -> list[int]:
    return [int(one) for one in np.flatnonzero(rng.random(CLASS) < share) + 1]


def _slipped(number: str, rng: np.random.Generator) -> str:
    """One digit wrong, or two neighbours exchanged."""
    place = int(rng.integers(len(number) - 1))
    if rng.random() < 0.5 and number[place] != number[place + 1]:
        return number[:place] + number[place + 1] + number[place] + number[place + 2 :]
    other = (int(number[place]) + int(rng.integers(1, 10))) % 10
    return number[:place] + str(other) + number[place + 1 :]


@dataclass(frozen=True, kw_only=True)
class Pool:
    """How the readers see what people write: for each digit many readings, and how bubbles came out."""

    places: dict[int, list[tuple[float, ...]]]
    unread: float
    bubbles: list[tuple[bool, bool]]


def pool(digits: Digits, reader: DigitReader, *, strips: int) -> Pool:
    """Write strips of twelve digits into the boxes of a cover and fill the bubbles below, and read both."""
    rng, (blank, registration) = np.random.default_rng(SEED + 2), boxes_alone()
    places: dict[int, list[tuple[float, ...]]] = {digit: [] for digit in range(10)}
    unread, marked = 0, []
    for _ in range(strips):
        number = "".join(str(digit) for digit in rng.integers(0, 10, DIGITS))
        page = blank.copy()
        write_number(page, number, digits, 8, rng)
        fill_bubbles(page, number, 8, rng)
        scan = np.clip(np.asarray(page) + noise((page.height, page.width), 6, rng), 0, 255).astype(np.uint8)
        shift = np.array([[0, 0, rng.normal(0, 2)], [0, 0, rng.normal(0, 2)]])
        shifted = replace(registration, matrix=registration.matrix + shift)
        read, seen = read_number(scan, shifted, DIGITS, reader), read_bubbles(scan, shifted, DIGITS)
        marked.append((seen is not None and seen.is_clear, seen is not None and seen.claim == number))
        unread += read is None
        for digit, place in zip(number, read.places if read else (), strict=False):
            places[int(digit)].append(place)
    print(f"{strips} strips: {unread} not read, {sum(clear and not right for clear, right in marked)} clear and wrong")
    return Pool(places=places, unread=unread / strips, bubbles=marked)


def papers(seen: Pool, count: int, population: str, *, has_names: bool) -> None:
    """Campaigns of a class each: who is given what, and what happened to every fault."""
    rng = np.random.default_rng(SEED + 1)
    entrants = Entrants.of({str(FIRST_NUMBER + place): place + 1 for place in range(CLASS)})
    outcomes: Counter[str] = Counter()
    by_fault: dict[str, Counter[str]] = {}
    total = 0
    while total < count:
        handed_in = campaign(rng, has_names=has_names)
        evidence = {
            place: Evidence(readings=_readings(paper, seen, rng, marks=not has_names), printed_for=paper.printed_for)
            for place, paper in enumerate(handed_in)
        }
        for place, binding in judge_all(evidence, entrants).items():
            outcome = _outcome(binding, handed_in[place])
            outcomes[outcome] += 1
            by_fault.setdefault(handed_in[place].fault or "none", Counter())[outcome] += 1
        total += len(handed_in)
    sheets = "names printed on the sheets" if has_names else "no names printed, bubbles filled"
    print(f"{total} papers, {population}, {sheets}")
    for outcome, number in sorted(outcomes.items()):
        print(f"  {outcome:12}{number:7}  {100 * number / total:6.2f} %")
    for fault, counter in sorted(by_fault.items()):
        print(
            f"    fault {fault:10}" + ", ".join(f"{name} {number}" for name, number in sorted(counter.items())),
            flush=True,
        )


def _outcome(binding: Binding, paper: HandedIn) -> str:
    if binding.strength is not Strength.STRONG:
        return "to a person"
    return "identified" if binding.person_id == paper.truth else "WRONG"


def _readings(paper: HandedIn, seen: Pool, rng: np.random.Generator, *, marks: bool) -> list[Reading]:
    if not paper.written:
        return []
    found = []
    if rng.random() >= seen.unread:
        places = tuple(seen.places[int(digit)][rng.integers(len(seen.places[int(digit)]))] for digit in paper.written)
        found.append(_reading(EvidenceKind.DIGITS, places, is_clear=True))
    is_clear, is_right = seen.bubbles[rng.integers(len(seen.bubbles))]
    if marks and is_right:
        places = tuple(
            tuple(-0.001 if digit == value else -9.1 for value in range(10)) for digit in map(int, paper.written)
        )
        found.append(_reading(EvidenceKind.BUBBLES, places, is_clear=is_clear))
    return found


def _reading(kind: EvidenceKind, places: tuple[tuple[float, ...], ...], *, is_clear: bool) -> Reading:
    claim = "".join(str(int(np.argmax(place))) for place in places)
    return Reading(kind=kind, claim=claim, score=1, version="", places=places, is_clear=is_clear)


def boxes_alone() -> tuple[Image.Image, Registration]:
    """The part of a cover with boxes and bubbles at 203 dots per inch, upright, and where its points are."""
    page = covers()[0].drawn[200].resize((1680, 2376)).crop((0, 0, 8 * 135, 8 * 142))
    return page, Registration(matrix=np.array([[8.0, 0.0, 0.0], [0.0, 8.0, 0.0]]), codes=2)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("digits", type=Path)
    parser.add_argument("--semeion", type=Path)
    parser.add_argument("--pages", type=int, default=2_000)
    parser.add_argument("--papers", type=int, default=10_000)
    parser.add_argument("--strips", type=int, default=1_500, help="how many numbers are written to learn from")
    options = parser.parse_args()
    reader = digit_reader()
    assert reader is not None, "onnxruntime is not installed"
    digits = mnist(options.digits)
    print(f"{reader.version}; {sum(map(len, digits.values()))} digits to write with")
    if options.pages:
        pages(digits, options.pages, reader)
    if options.papers:
        seen = pool(digits, reader, strips=options.strips)
        papers(seen, options.papers, "MNIST", has_names=True)
        papers(seen, options.papers, "MNIST", has_names=False)
    if options.papers and options.semeion:
        seen = pool(semeion(options.semeion), reader, strips=options.strips)
        papers(seen, options.papers, "Semeion", has_names=True)
        papers(seen, options.papers, "Semeion", has_names=False)
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


if __name__ == "__main__":
    main()
