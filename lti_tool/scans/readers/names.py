"""Whose name is printed on a page? A claim only where one student's whole name stands in one line."""

import re
import unicodedata
from collections.abc import Iterable, Mapping


def words_of(text: str) -> frozenset[str]:
    """The words of a name as they are compared: without accents, capitals and signs; initials tell nothing."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    kept = "".join(sign for sign in plain if not unicodedata.combining(sign))
    return frozenset(word for word in re.findall(r"[^\W\d_]+", kept) if len(word) > 1)


def number_by_name(lines: Iterable[str], names: Mapping[str, str]) -> str | None:
    """The register number of the one student named there; `names` has each student's name by number."""
    written = [words_of(line) for line in lines]
    found = {
        number
        for number, name in names.items()
        if len(wanted := words_of(name)) > 1 and any(wanted <= words for words in written)
    }
    return found.pop() if len(found) == 1 else None
