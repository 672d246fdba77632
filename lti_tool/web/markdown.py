"""Markdown written by a model or a person, as HTML that is safe to put into a page (R4, R167).

markdown-it-py reads it with raw HTML off; bleach cleans, and nh3 cleans again with the same allow-list, because
bleach gets no more fixes. Links open in a new tab and tell the other side nothing. A growing text is rendered block by
block: `finished_length` says how much of it can no longer change.
"""

import re
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass
from functools import cache, partial
from threading import Lock
from typing import Any
from urllib.parse import unquote, urlsplit

import nh3
from bleach.linkifier import LinkifyFilter
from bleach.sanitizer import Cleaner
from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markupsafe import Markup
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name
from pygments.util import ClassNotFound

from lti_tool.web import mathematics

SCHEMES = frozenset({"http", "https", "mailto"})
ATTRIBUTES: dict[str, set[str]] = {
    "a": {"class", "href", "target", "title"},
    "code": {"class"},
    "ol": {"start"},
    "span": {"class"},
}
TAGS = frozenset(ATTRIBUTES) | {
    *("p", "br", "hr", "ul", "li", "blockquote", "pre", "strong", "em", "s"),
    *("h1", "h2", "h3", "h4", "h5", "h6"),
    *("table", "thead", "tbody", "tr", "th", "td"),
}
CLASSES = re.compile(r"hl-[a-z0-9]+|language-[\w+#.-]+|citation")
# Only what names its scheme: `notes.py` or `e.g.Berlin` in a sentence is no address.
ADDRESS = re.compile(r"\bhttps?://[^\s<>\"]*[^\s<>\".,;:!?)\]}']")
REFERENCES = re.compile(r"\[(\d{1,3}(?:\s*,\s*\d{1,3})*)\](?!\()")
LINE_END = re.compile(r"\r\n?|\n")
# A character reference can stand for one, and each reading takes it for something else.
CONTROLS = dict.fromkeys([*range(0x09), 0x0B, 0x0C, *range(0x0E, 0x20), 0x7F]) | {0x0D: "\n"}
NO_REFERENCES: Mapping[int, str] = {}

_cleaner_lock = Lock()


@dataclass(frozen=True, kw_only=True)
class Links:
    """Where the links of a text may lead: to these hosts, and to these very addresses."""

    hosts: frozenset[str] = frozenset()
    addresses: frozenset[str] = frozenset()

    def allow(self, address: str) -> bool:
        """An address may be written with other escapes than where it was found."""
        return _host_of(address) in self.hosts or unquote(address) in {unquote(known) for known in self.addresses}


def render_markdown(
    source: str,
    references: Mapping[int, str] = NO_REFERENCES,
    outline: list[int] | None = None,
    links: Links | None = None,
) -> Markup:
    """Safe HTML; `[2]` becomes a link where `references` names an address for 2; `links` may limit all other links.

    A text that is rendered in parts hands the same `outline` to each: the headings that the next part stands under.
    """
    formulas = mathematics.Formulas()
    told = {"numbered": references, "outline": [] if outline is None else outline, "formulas": formulas}
    html = sanitise(_markdown().render(source, told), frozenset(references.values()), links)
    return Markup(formulas.put_into(html))


def finished_length(source: str) -> int:
    """How many characters of a growing text belong to blocks that more text cannot change any more."""
    starts = [token.map[0] for token in _blocks_alone().parse(source) if token.level == 0 and token.map]
    if len(starts) < 2:
        return 0
    line_ends = [match.end() for match in LINE_END.finditer(source)]
    return line_ends[starts[-1] - 1]


def sanitise(html: str, own_addresses: frozenset[str] = frozenset(), links: Links | None = None) -> str:
    """Only the allowed tags, attributes and schemes, after two independent readings; no relative link but our own."""
    with _cleaner_lock:
        cleaned = _cleaner().clean(html)
    return nh3.clean(
        cleaned,
        tags=set(TAGS),
        attributes=ATTRIBUTES,
        url_schemes=set(SCHEMES),
        attribute_filter=partial(_kept_attribute, own_addresses, links),
    ).translate(CONTROLS)


@cache
def _cleaner() -> Cleaner:
    """Made once, which halves the cost of a call; it keeps state while it works, hence the lock."""
    return Cleaner(
        tags=TAGS,
        attributes={tag: sorted(names) for tag, names in ATTRIBUTES.items()},
        protocols=SCHEMES,
        filters=[partial(LinkifyFilter, callbacks=[_open_outside], skip_tags={"pre", "code"}, url_re=ADDRESS)],
    )


def _host_of(address: str) -> str | None:
    """The host of a web address; none where it could be read in two ways."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return None
    is_plain = parts.scheme in {"http", "https"} and not {"@", "\\"} & set(parts.netloc)
    return parts.hostname if is_plain else None


def _open_outside(attributes: MutableMapping[Any, Any], _is_new: bool = False) -> MutableMapping[Any, Any]:
    """A new tab for what leaves the tool: the frame inside the course page has no way back."""
    if attributes.get((None, "href"), "").startswith(("http://", "https://")):
        attributes[(None, "target")] = "_blank"
    return attributes


def _kept_attribute(own_addresses: frozenset[str], links: Links | None, tag: str, name: str, value: str) -> str | None:
    if name == "href":
        leads_out = value.partition(":")[0].lower() in SCHEMES and (links is None or links.allow(value))
        return value if leads_out or value in own_addresses else None
    if name == "class":
        return value if CLASSES.fullmatch(value) else None
    return value


@cache
def _markdown() -> MarkdownIt:
    markdown = MarkdownIt("commonmark", {"html": False, "highlight": _highlight}).enable(["table", "strikethrough"])
    markdown.inline.ruler.before("link", "reference", _reference)
    mathematics.read_mathematics(markdown)
    markdown.disable("image")
    markdown.core.ruler.after("block", "lower_headings", _lower_headings)
    return markdown


@cache
def _blocks_alone() -> MarkdownIt:
    """Reads no inline markup, which is most of the work: enough to see where blocks begin."""
    markdown = MarkdownIt("commonmark", {"html": False}).enable("table").disable("inline")
    mathematics.find_blocks_of_mathematics(markdown)
    return markdown


def _lower_headings(state: StateCore) -> None:
    """A page has one h1 and heads its sections with h2: headings inside a text begin below, and skip no level."""
    outline: list[int] = state.env["outline"]
    for token in state.tokens:
        if token.type == "heading_open":
            written = int(token.tag[1])
            while outline and outline[-1] >= written:
                outline.pop()
            outline.append(written)
        if token.type in {"heading_open", "heading_close"}:
            token.tag = f"h{min(6, 2 + len(outline))}"


def _highlight(code: str, language: str, _attributes: str) -> str:
    try:
        return str(highlight(code, get_lexer_by_name(language), _code_formatter()))
    except ClassNotFound:
        return ""


@cache
def _code_formatter() -> HtmlFormatter[str]:
    return HtmlFormatter(nowrap=True, classprefix="hl-")


def _reference(state: StateInline, silent: bool) -> bool:
    """An inline rule: `[1]` or `[1, 2]` as links, if every number is known."""
    found = REFERENCES.match(state.src, state.pos)
    # Not under "references", where the parser keeps the link definitions of the text.
    references: Mapping[int, str] = state.env.get("numbered", NO_REFERENCES)
    numbers = [int(number) for number in found[1].split(",")] if found else []
    if not found or not all(number in references for number in numbers):
        return False
    if not silent:
        for number in numbers:
            _push_reference(state, number, references[number])
    state.pos = found.end()
    return True


def _push_reference(state: StateInline, number: int, address: str) -> None:
    opening = state.push("link_open", "a", 1)
    opening.attrs = {"href": address, "class": "citation"}
    state.push("text", "", 0).content = f"[{number}]"
    state.push("link_close", "a", -1)
