"""What a gradebook column shows beside a grade: the beginning of the approved words, and the way back to all of them.

Gradebooks show a comment in a narrow cell and as plain text; rubric, quotations and the rest are on our own page. The
address needs no words, so it is the same in every language.
"""

LONGEST = 1_000
CUT = " …"


def summary(comment: str, address: str | None) -> str:
    """The comment, cut at a word where it is long, with the address of the activity where it is known."""
    shown = comment if len(comment) <= LONGEST else _cut(comment)
    return "\n\n".join(part for part in (shown, address) if part)


def _cut(comment: str) -> str:
    head = comment[: LONGEST - len(CUT)]
    return (head[: head.rfind(" ")] if " " in head else head).rstrip() + CUT
