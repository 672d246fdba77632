"""The kinds of value a setting may have: what a form field may say, and what the table keeps.

`parse` reads a form field and raises InvalidInput (`setting_malformed`) in words for the person who typed it;
`load` reads back what JSON kept; `show` fills the form field.
"""

import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Generic, Protocol, TypeVar

from lti_tool.errors import InvalidInput

T = TypeVar("T")
Choice = TypeVar("Choice", bound=StrEnum)

Json = bool | int | str | list[str]
MALFORMED = "setting_malformed"


class Kind(Protocol[T]):
    """One kind of value."""

    @property
    def widget(self) -> str: ...

    def parse(self, text: str) -> T: ...

    def load(self, stored: Json) -> T: ...

    def dump(self, value: T) -> Json: ...

    def show(self, value: T) -> str: ...


@dataclass(frozen=True, kw_only=True)
class Switch:
    """On or off; a form without the ticked box means off."""

    widget: str = "switch"

    def parse(self, text: str) -> bool:
        if text not in {"on", "off", ""}:
            raise InvalidInput(MALFORMED, "This must be on or off.")
        return text == "on"

    def load(self, stored: Json) -> bool:
        return bool(stored)

    def dump(self, value: bool) -> Json:
        return value

    def show(self, value: bool) -> str:
        return "on" if value else "off"


@dataclass(frozen=True, kw_only=True)
class Whole:
    """A whole number within bounds."""

    least: int
    most: int
    widget: str = "number"

    def parse(self, text: str) -> int:
        if not re.fullmatch(r"[0-9]{1,12}", text.strip()) or not self.least <= int(text) <= self.most:
            raise InvalidInput(
                MALFORMED,
                "This must be a whole number from %(least)s to %(most)s.",
                {"least": self.least, "most": self.most},
            )
        return int(text)

    def load(self, stored: Json) -> int:
        return int(str(stored))

    def dump(self, value: int) -> Json:
        return value

    def show(self, value: int) -> str:
        return str(value)


@dataclass(frozen=True, kw_only=True)
class Fraction:
    """A decimal number within bounds, kept as text so that it stays what was typed."""

    least: Decimal
    most: Decimal
    widget: str = "decimal"

    def parse(self, text: str) -> Decimal:
        try:
            value = Decimal(text.strip().replace(",", "."))
        except InvalidOperation:
            value = Decimal("NaN")
        if not value.is_finite() or not self.least <= value <= self.most:
            raise InvalidInput(
                MALFORMED, "This must be a number from %(least)s to %(most)s.", {"least": self.least, "most": self.most}
            )
        return value

    def load(self, stored: Json) -> Decimal:
        return Decimal(str(stored))

    def dump(self, value: Decimal) -> Json:
        return str(value)

    def show(self, value: Decimal) -> str:
        return str(value)


@dataclass(frozen=True, kw_only=True)
class Text:
    """Text up to a length, matching a pattern where one is given; empty only if `may_be_empty`."""

    most: int
    pattern: str = r"(?s).*"
    rule: str = ""
    may_be_empty: bool = True
    widget: str = "text"

    def parse(self, text: str) -> str:
        value = text.replace("\r\n", "\n").strip()
        if len(value) > self.most:
            raise InvalidInput(MALFORMED, "This must have at most %(most)s characters.", {"most": self.most})
        if not value and not self.may_be_empty:
            raise InvalidInput(MALFORMED, "This must not be empty.")
        if value and not re.fullmatch(self.pattern, value):
            raise InvalidInput(MALFORMED, self.rule)
        return value

    def load(self, stored: Json) -> str:
        return str(stored)

    def dump(self, value: str) -> Json:
        return value

    def show(self, value: str) -> str:
        return value


PIECE = r"(?:\\d|\[[A-Za-z0-9-]+\]|[A-Za-z0-9-])"
FIXED = rf"(?:{PIECE}(?:\{{[0-9]{{1,2}}\}})?)"
VARIED = rf"(?:{PIECE}\{{[0-9]{{1,2}},[0-9]{{1,2}}\}})"


@dataclass(frozen=True, kw_only=True)
class Pattern:
    """A small regular expression: characters, sets and counts, of which three may vary.

    No groups, stars or alternatives: nobody who may change a setting can write one that takes for ever.
    """

    most: int = 60
    widget: str = "text"

    def parse(self, text: str) -> str:
        value = text.strip()
        if not value or len(value) > self.most or not re.fullmatch(rf"{FIXED}*(?:{VARIED}{FIXED}*){{0,3}}", value):
            raise InvalidInput(MALFORMED, "Write sets and counts only, such as [0-9]{12} or [A-Z]{2}[0-9]{3,5}.")
        try:
            re.compile(value, re.ASCII)
        except re.error as error:
            raise InvalidInput(MALFORMED, "A set or a count in this pattern runs backwards.") from error
        return value

    def load(self, stored: Json) -> str:
        return str(stored)

    def dump(self, value: str) -> Json:
        return value

    def show(self, value: str) -> str:
        return value


@dataclass(frozen=True, kw_only=True)
class OneOf(Generic[Choice]):
    """One member of a closed set."""

    choices: type[Choice]
    widget: str = "choice"

    def parse(self, text: str) -> Choice:
        try:
            return self.choices(text)
        except ValueError as error:
            raise InvalidInput(
                MALFORMED, "This must be one of %(names)s.", {"names": ", ".join(self.choices)}
            ) from error

    def load(self, stored: Json) -> Choice:
        return self.choices(str(stored))

    def dump(self, value: Choice) -> Json:
        return str(value)

    def show(self, value: Choice) -> str:
        return str(value)


@dataclass(frozen=True, kw_only=True)
class Hosts:
    """Host names, one a line; `*.` in front stands for every host below."""

    widget: str = "lines"

    def parse(self, text: str) -> frozenset[str]:
        hosts = frozenset(text.lower().split())
        if any(not re.fullmatch(r"(\*\.)?[a-z0-9]([a-z0-9.:-]*[a-z0-9])?", host) for host in hosts):
            raise InvalidInput(MALFORMED, "Write one host name a line, without https:// and without a path.")
        return hosts

    def load(self, stored: Json) -> frozenset[str]:
        return frozenset(stored) if isinstance(stored, list) else frozenset()

    def dump(self, value: frozenset[str]) -> Json:
        return sorted(value)

    def show(self, value: frozenset[str]) -> str:
        return "\n".join(sorted(value))
