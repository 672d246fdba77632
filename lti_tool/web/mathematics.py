r"""Mathematics inside Markdown: $a$, \(a\), and on lines of their own $$a$$ and \[a\], as MathML (R4).

MathML, because browsers draw it themselves: KaTeX places every sign by an inline style, which the content security
policy forbids, and would be a quarter of a megabyte of script and fonts. What cannot be read stays as it was written.
"""

import html
import re
import secrets
from functools import lru_cache
from xml.etree import ElementTree

import nh3
from latex2mathml.converter import convert_to_element
from markdown_it import MarkdownIt
from markdown_it.common.utils import escapeHtml
from markdown_it.rules_block import StateBlock
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

LONGEST = 4000
MOST_LINES = 100
# As in pandoc: a sum of money ("$5 and $10") is no mathematics.
INLINE = re.compile(
    r"\$\$(?P<double>[^$]{1,1000}?)\$\$|\$(?![\s$])(?P<single>[^$]*?[^\s\\$])\$(?!\d)"
    r"|\\\((?P<round>.{1,1000}?)\\\)",
    re.S,
)
OPENINGS = {"$$": "$$", "\\[": "\\]"}

ATTRIBUTES: dict[str, set[str]] = {
    "math": {"display"},
    "mfrac": {"linethickness"},
    "mi": {"mathvariant"},
    "mn": {"mathvariant"},
    "mo": {"accent", "fence", "form", "largeop", "lspace", "maxsize", "minsize", "rspace", "stretchy"},
    "mover": {"accent"},
    "mpadded": {"height", "lspace", "voffset", "width"},
    "mspace": {"depth", "height", "width"},
    "mstyle": {"displaystyle", "mathcolor", "mathvariant", "scriptlevel"},
    "mtable": {"columnalign", "columnlines", "columnspacing", "displaystyle", "rowlines", "rowspacing"},
    "mtd": {"columnalign"},
    "mtext": {"mathvariant"},
    "munder": {"accentunder"},
    "menclose": {"notation"},
}
TAGS = frozenset(ATTRIBUTES) | {
    *("mmultiscripts", "mphantom", "mprescripts", "mroot", "mrow", "msqrt"),
    *("msub", "msubsup", "msup", "mtr", "munderover"),
}
"""Neither annotations nor links nor actions: nothing that holds HTML or goes anywhere."""


def read_mathematics(markdown: MarkdownIt) -> None:
    """Let a parser read mathematics inside of lines and on lines of its own."""
    find_blocks_of_mathematics(markdown)
    markdown.inline.ruler.before("escape", "mathematics", _inline)
    markdown.add_render_rule("mathematics", _render)


def find_blocks_of_mathematics(markdown: MarkdownIt) -> None:
    """Let a parser know where mathematics on lines of its own begins and ends."""
    markdown.block.ruler.before(
        "fence", "mathematics", _block, {"alt": ["paragraph", "reference", "blockquote", "list"]}
    )


class Formulas:
    """The formulas of one text: the sanitiser sees a word in place of each, and lets no other MathML through."""

    def __init__(self) -> None:
        self._mark = f"formula{secrets.token_hex(8)}n"
        self._found: list[str] = []

    def keep(self, written: str) -> str:
        """The word that stands for it."""
        self._found.append(written)
        return f"{self._mark}{len(self._found) - 1}e"

    def put_into(self, html: str) -> str:
        """The sanitised text with its formulas in their places."""
        return re.sub(rf"{self._mark}(\d+)e", lambda match: self._found[int(match[1])], html) if self._found else html


@lru_cache(maxsize=1024)
def mathml(source: str, *, is_block: bool) -> str | None:
    """The MathML of a formula, safe to put into a page; None for one that cannot be read."""
    if len(source) > LONGEST:
        return None
    try:
        element = convert_to_element(source, display="block" if is_block else "inline")
        written = ElementTree.tostring(_plain(element), encoding="unicode", short_empty_elements=False)
    except Exception:
        # What a model writes need not be a formula, and the library has no family of errors of its own.
        return None
    # The second reading, as for all other HTML.
    return nh3.clean(written, tags=set(TAGS), attributes=ATTRIBUTES)


def _plain(element: ElementTree.Element) -> ElementTree.Element:
    """The element made anew from allowed tags and attributes; its text can hold no tag, for writing escapes it."""
    if element.tag not in TAGS:
        raise ValueError(element.tag)
    kept = {name: value for name, value in element.attrib.items() if name in ATTRIBUTES.get(element.tag, ())}
    made = ElementTree.Element(element.tag, kept)
    # The library keeps signs as entities, and escapes nothing of what the writer wrote.
    made.text = html.unescape(element.text) if element.text else None
    made.extend(_plain(part) for part in element)
    return made


def _render(_renderer: object, tokens: list[Token], index: int, _options: object, env: dict[str, Formulas]) -> str:
    token = tokens[index]
    found = mathml(token.content, is_block=token.block)
    if found is None:
        written = f"<code>{escapeHtml(token.markup.format(token.content))}</code>"
    else:
        written = env["formulas"].keep(found)
    return f"<p>{written}</p>\n" if token.block else written


def _inline(state: StateInline, silent: bool) -> bool:
    found = INLINE.match(state.src, state.pos, state.posMax)
    if not found:
        return False
    if not silent:
        token = state.push("mathematics", "math", 0)
        token.content = found[found.lastgroup or 0].strip()
        token.markup = "${}$"
    state.pos = found.end()
    return True


def _block(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    r"""Lines from one that opens with $$ or \[ to one that ends with its other half."""
    opening = _line(state, start)[:2]
    closing = OPENINGS.get(opening)
    if closing is None or state.is_code_block(start):
        return False
    lines = [_line(state, start)[2:]]
    last = start
    while not lines[-1].rstrip().endswith(closing):
        last += 1
        # No formula is as long: without the bound each opening without an end would be followed to the end of the text.
        if last >= min(end, start + MOST_LINES) or state.sCount[last] < state.blkIndent:
            return False
        lines.append(_line(state, last))
    if not silent:
        content = "\n".join(lines).rstrip().removesuffix(closing).strip()
        token = state.push("mathematics", "math", 0)
        token.block, token.content, token.map, token.markup = True, content, [start, last + 1], "$${}$$"
        state.line = last + 1
    return True


def _line(state: StateBlock, number: int) -> str:
    return state.src[state.bMarks[number] + state.tShift[number] : state.eMarks[number]]
