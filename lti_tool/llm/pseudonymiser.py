"""No name, e-mail address or student number leaves the house (R173): they become tags, and tags in answers become them.

    "Can Ana Ruiz (ana@uni.example, 000000000017) see it?"  ->  "Can [person-1] ([email-1], [number-1]) see it?"

Known are the people of the course and whoever asks; e-mail addresses and long numbers are hidden whoever they belong
to. Words that are both a name and an ordinary word ("will", "rose") count as a name only beside another part of that
name, or written large inside a sentence: better one hidden word too many than a name outside.
"""

import json
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

WORD = re.compile(r"[^\W_]+")
CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
EMAIL = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]+@[\w-]+(?:\.[\w-]+)+")
CODE = re.compile(r"[^\W_](?:[\w./-]*[^\W_])?")
LONG_NUMBER = re.compile(r"(?<![\d.,])\+?\d(?:[ /-]?\d){6,}(?![\d.,]*\d)")
TAG = re.compile(r"\[(?:person|email|number)-\d+[a-z]?\]", re.IGNORECASE)
LONGEST_TAG = 24
GAP = re.compile(r"[\s\-'’.,\"“”()]{1,3}")
SENTENCE_START = re.compile(r"(?:^|[.!?:;\n\"“«(>*#-]\s*)$")
AMBIGUOUS = frozenset((Path(__file__).parent / "ambiguous_names.txt").read_text(encoding="utf-8").split())
SHORTEST_NAME = 3
LETTERS = ("", *"bcdefghijklmnopqrstuvwxyz")


@dataclass(frozen=True, kw_only=True)
class Identity:
    """One person: every name, and the codes (e-mail addresses, student numbers) that are theirs."""

    names: tuple[str, ...]
    codes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Identities:
    """Whom a call must not name, indexed once."""

    people: tuple[Identity, ...] = ()
    parts: dict[str, frozenset[int]] = field(init=False, repr=False, compare=False)
    codes: dict[str, int] = field(init=False, repr=False, compare=False)
    run_together: "re.Pattern[str] | None" = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        parts: dict[str, set[int]] = {}
        joined = set()
        for number, person in enumerate(self.people):
            for name in person.names:
                for word in WORD.findall(name):
                    parts.setdefault(folded(word), set()).add(number)
                if CJK.search(name) and len(name) > 1:
                    joined.add(re.escape(name))
        codes = {folded(code): number for number, person in enumerate(self.people) for code in person.codes if code}
        pattern = re.compile("|".join(sorted(joined, key=len, reverse=True))) if joined else None
        object.__setattr__(self, "parts", {word: frozenset(numbers) for word, numbers in parts.items()})
        object.__setattr__(self, "codes", codes)
        object.__setattr__(self, "run_together", pattern)


@dataclass(frozen=True, kw_only=True)
class _Span:
    start: int
    end: int
    kind: str
    key: object


def folded(text: str) -> str:
    """Without case and accents, so that "MUELLER" stays itself but "Müller" and "muller" meet."""
    plain = text.casefold()
    if plain.isascii():
        return plain
    return "".join(letter for letter in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(letter))


class Mask:
    """Hides and restores for one call; the same person has the same number in all its messages."""

    def __init__(self, identities: Identities, *, numbered: bool = True) -> None:
        """Without numbers every person is `[person]`: for vectors, where the order of people must not matter."""
        self.identities = identities
        self.numbered = numbered
        self._numbers: dict[tuple[str, object], int] = {}
        self._written: dict[tuple[str, object], list[str]] = {}
        self._originals: dict[str, str] = {}

    def hide(self, text: str) -> str:
        """The text as it may leave the house."""
        for find in (self._emails, self._codes, self._long_numbers, self._run_together, self._names):
            text = self._replace(text, find)
        return text

    def restore(self, text: str, *, inside_json: bool = False) -> str:
        """The text with this mask's tags turned back into what they stand for."""

        def original(match: re.Match[str]) -> str:
            found = self._originals.get(match[0].lower(), match[0])
            return json.dumps(found, ensure_ascii=False)[1:-1] if inside_json else found

        return TAG.sub(original, text) if self._originals else text

    @property
    def tags(self) -> dict[str, str]:
        """Every tag given so far with what it stands for, for an answer that comes when this mask is gone."""
        return dict(self._originals)

    @classmethod
    def of_tags(cls, tags: Mapping[str, str]) -> "Mask":
        """A mask that restores those tags; it has nobody to hide."""
        mask = cls(Identities())
        mask._originals = dict(tags)
        return mask

    def _replace(self, text: str, find: Callable[[str], Iterable[_Span]]) -> str:
        pieces, position = [], 0
        for span in find(text):
            if span.start >= position and not self._is_tagged(text, span):
                pieces += [text[position : span.start], self._tag(span, text)]
                position = span.end
        return "".join([*pieces, text[position:]]) if pieces else text

    def _is_tagged(self, text: str, span: _Span) -> bool:
        """Whether the span lies in a tag that an earlier step put there."""
        return text[span.start - 1 : span.start] == "[" and TAG.match(text, span.start - 1) is not None

    def _tag(self, span: _Span, text: str) -> str:
        """One number a person, one letter a way to write them: an answer quotes what was written, letter by letter."""
        if not self.numbered:
            return f"[{span.kind}]"
        person, original = (span.kind, span.key), text[span.start : span.end]
        number = self._numbers.setdefault(person, 1 + sum(kind == span.kind for kind, _ in self._numbers))
        written = self._written.setdefault(person, [])
        if original not in written and len(written) < len(LETTERS):
            written.append(original)
        letter = LETTERS[written.index(original)] if original in written else ""
        tag = f"[{span.kind}-{number}{letter}]"
        self._originals.setdefault(tag, original)
        return tag

    def _emails(self, text: str) -> Iterator[_Span]:
        return _matches(EMAIL, text, "email") if "@" in text else iter(())

    def _long_numbers(self, text: str) -> Iterator[_Span]:
        return _matches(LONG_NUMBER, text, "number")

    def _run_together(self, text: str) -> Iterator[_Span]:
        pattern = self.identities.run_together
        return _matches(pattern, text, "person") if pattern else iter(())

    def _codes(self, text: str) -> Iterator[_Span]:
        if not self.identities.codes:
            return
        for match in CODE.finditer(text):
            if folded(match[0]) in self.identities.codes:
                yield _Span(start=match.start(), end=match.end(), kind="number", key=folded(match[0]))

    def _names(self, text: str) -> Iterator[_Span]:
        """Words that are parts of a name; neighbours that can belong to one person are one span."""
        span: list[re.Match[str]] = []
        whose: frozenset[int] = frozenset()
        for word in WORD.finditer(text):
            owners = self.identities.parts.get(folded(word[0]), frozenset())
            if not (owners or span):
                continue
            is_new = all(folded(word[0]) != folded(before[0]) for before in span)
            if span and is_new and owners & whose and GAP.fullmatch(text, span[-1].end(), word.start()):
                span.append(word)
                whose &= owners
                continue
            yield from self._name(text, span, whose)
            span, whose = ([word], owners) if owners else ([], frozenset())
        yield from self._name(text, span, whose)

    def _name(self, text: str, words: list[re.Match[str]], whose: frozenset[int]) -> Iterator[_Span]:
        if words and (len(words) > 1 or _stands_alone(text, words[0])):
            yield _Span(start=words[0].start(), end=words[-1].end(), kind="person", key=whose)


class StreamRestorer:
    """Restores tags in text that arrives in pieces: what may be the beginning of a tag waits for its end."""

    def __init__(self, mask: Mask) -> None:
        self.mask = mask
        self._waiting = ""

    def feed(self, piece: str) -> str:
        text = self._waiting + piece
        opened = text.rfind("[")
        if opened < 0 or "]" in text[opened:] or len(text) - opened > LONGEST_TAG:
            opened = len(text)
        self._waiting = text[opened:]
        return self.mask.restore(text[:opened])

    def rest(self) -> str:
        """What still waits when the text is over."""
        waiting, self._waiting = self._waiting, ""
        return self.mask.restore(waiting)


def _matches(pattern: re.Pattern[str], text: str, kind: str) -> Iterator[_Span]:
    for match in pattern.finditer(text):
        yield _Span(start=match.start(), end=match.end(), kind=kind, key=folded(match[0]))


def _stands_alone(text: str, word: re.Match[str]) -> bool:
    """Whether one word by itself is a name here rather than an ordinary word."""
    is_large = word[0][0].isupper() or not word[0][0].islower()
    if len(word[0]) < SHORTEST_NAME:
        return is_large and not _starts_sentence(text, word)
    if folded(word[0]) in AMBIGUOUS:
        return is_large and not _starts_sentence(text, word)
    return True


def _starts_sentence(text: str, word: re.Match[str]) -> bool:
    return SENTENCE_START.search(text[max(0, word.start() - 4) : word.start()]) is not None
