"""Whole letters only, of a text that arrives in pieces: what neither a database nor a socket takes never gets that far.

A model server may cut an emoji in two halves, which JSON allows and UTF-8 does not. One such half, stored with all the
answers that a process is writing, would keep each of them from being stored, and so lose them all.
"""

NUL, REPLACEMENT = "\x00", "\ufffd"
FIRST_HALVES = ("\ud800", "\udbff")


class Letters:
    """Half a letter at the end of a piece waits for its other half."""

    def __init__(self) -> None:
        self._half = ""

    def feed(self, piece: str) -> str:
        """The letters that are whole with this piece."""
        text, self._half = self._half + piece, ""
        if text and FIRST_HALVES[0] <= text[-1] <= FIRST_HALVES[1]:
            text, self._half = text[:-1], text[-1]
        return text if text.isascii() and NUL not in text else mended(text)


def mended(text: str) -> str:
    """Halves that belong together as one letter; one by itself, and NUL, as the sign for what cannot be read."""
    return text.replace(NUL, REPLACEMENT).encode("utf-16", "surrogatepass").decode("utf-16", "replace")
