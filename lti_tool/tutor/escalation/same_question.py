"""Which questions are the same: those made of the same words count as one by themselves, a person joins the others.

One word can change what is asked ("when", "where"; "task 1", "task 2"), so likeness alone joins nothing: it only
shows the teacher what to look at. Case, accents, endings, order and punctuation do not matter.
"""

import hashlib

from lti_tool.content.lexemes import PART, terms_of

ALIKE = 0.4


def fingerprint_of(question: str) -> str:
    """Equal for questions of the same words."""
    stems = stems_of(question)
    # Without a word, as in "???", the text itself is what can be compared.
    written = " ".join(sorted(stems)) if stems else " ".join(question.split())
    return hashlib.sha256(written.encode()).hexdigest()


def stems_of(question: str) -> frozenset[str]:
    """The parts of the words that survive inflection."""
    return frozenset(term for term in terms_of(question) if term.startswith(PART))


def are_alike(first: frozenset[str], second: frozenset[str]) -> bool:
    """Whether two questions share so many words that a person should see them together."""
    together = first | second
    return bool(together) and len(first & second) / len(together) >= ALIKE
