"""What a model or a person writes cannot put anything live into a page, and reads as it was meant."""

import re
from threading import Thread

import pytest
from bs4 import BeautifulSoup

from lti_tool.web.markdown import Links, finished_length, render_markdown, sanitise

ATTACKS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "<svg><animate onbegin=alert(1) attributeName=x dur=1s>",
    "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror=alert(1)&gt;'>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<a href='javascript:alert(1)'>x</a>",
    "<a href='java\tscript:alert(1)'>x</a>",
    "<a href='&#106;avascript:alert(1)'>x</a>",
    "<a href='\x01javascript:alert(1)'>x</a>",
    "<a href=' data:text/html,<script>alert(1)</script>'>x</a>",
    "<a href='vbscript:msgbox(1)'>x</a>",
    "<form action='https://evil.example'><input name=password></form>",
    "<base href='https://evil.example/'>",
    "<meta http-equiv=refresh content='0;url=https://evil.example'>",
    "<link rel=stylesheet href='https://evil.example/x.css'>",
    "<p style='background:url(javascript:alert(1))'>x</p>",
    "<p onclick=alert(1)>x</p>",
    "<details open ontoggle=alert(1)>",
    "<object data='data:text/html,x'></object>",
    "<a class='btn btn-danger position-fixed' href='https://e.example'>x</a>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](javascript&colon;alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "[x](/l/00000000/tutor/threads)",
    "[x](//evil.example/path)",
    "![x](https://evil.example/pixel.gif)",
    '[x](https://e.example "\\" onmouseover=alert(1) \\"")',
    '<https://e.example/" onmouseover="alert(1)>',
    "[x]: javascript:alert(1)\n\n[x]",
    '```"><script>alert(1)</script>\nx\n```',
    "```html\n<script>alert(1)</script>\n```",
    "| a |\n|---|\n| <script>alert(1)</script> |",
    "https://e.example/?q=<script>alert(1)</script>",
]


def assert_nothing_live(html: str) -> None:
    for element in BeautifulSoup(html, "html5lib").body.find_all(True):
        assert element.name in {
            "p",
            "a",
            "pre",
            "code",
            "span",
            "table",
            "thead",
            "tbody",
            "tr",
            "th",
            "td",
            "hr",
            "li",
        }
        assert set(element.attrs) <= {"href", "target", "rel", "class", "title"}
        assert re.match(r"https?://|mailto:", element.get("href", "https://")), element
        assert all(name.startswith(("hl-", "language-")) for name in element.get("class", [])), element


@pytest.mark.parametrize("attack", ATTACKS)
def test_no_attack_survives_rendering(attack: str) -> None:
    assert_nothing_live(render_markdown(attack))


@pytest.mark.parametrize("attack", ATTACKS)
def test_no_attack_survives_the_sanitiser_alone(attack: str) -> None:
    assert_nothing_live(sanitise(attack))


def test_raw_html_is_shown_as_text() -> None:
    assert render_markdown("<b>bold</b>") == "<p>&lt;b&gt;bold&lt;/b&gt;</p>\n"


def test_a_table_is_a_table() -> None:
    page = BeautifulSoup(render_markdown("| a | b |\n|---|---|\n| 1 | 2 |"), "html5lib")
    assert [cell.text for cell in page.select("thead th")] == ["a", "b"]
    assert [cell.text for cell in page.select("tbody td")] == ["1", "2"]


@pytest.mark.parametrize(
    ("text", "levels"),
    [
        ("# a", "3"),
        ("## a\n#### b\n## c\n# d", "3433"),
        ("a\n===\nb\n---", "34"),
        ("\n".join("#" * n + " x" for n in range(1, 7)), "345666"),
    ],
)
def test_headings_begin_below_those_of_a_page_and_skip_no_level(text: str, levels: str) -> None:
    assert "".join(re.findall(r"<h(\d)>", render_markdown(text))) == levels


def test_parts_of_a_text_share_their_outline() -> None:
    outline: list[int] = []
    html = "".join(render_markdown(part, outline=outline) for part in ("## a\n", "### b\n", "text\n", "## c\n"))
    assert re.findall(r"<h(\d)>", html) == ["3", "4", "3"]


def test_code_in_a_known_language_is_highlighted() -> None:
    html = render_markdown("```python\ndef f(): pass\n```")
    assert '<code class="language-python"><span class="hl-k">def</span>' in html


def test_code_in_an_unknown_language_stays_plain() -> None:
    assert render_markdown("```klingon\n<b>\n```") == '<pre><code class="language-klingon">&lt;b&gt;\n</code></pre>\n'


def test_an_address_becomes_a_link_that_opens_a_new_tab_and_tells_nothing() -> None:
    link = BeautifulSoup(render_markdown("see https://e.example/a?b=1&c=2."), "html5lib").a
    assert link["href"] == "https://e.example/a?b=1&c=2"
    assert (link["target"], set(link["rel"])) == ("_blank", {"noopener", "noreferrer"})


@pytest.mark.parametrize("text", ["notes.py", "www.e.example", "`https://e.example`", "a@e.example"])
def test_what_names_no_scheme_or_stands_in_code_is_no_link(text: str) -> None:
    assert "<a" not in render_markdown(text)


def test_a_known_reference_becomes_a_link_within_the_page() -> None:
    html = render_markdown("so [1], and so [1, 2]", {1: "#s1", 2: "#s2"})
    links = BeautifulSoup(html, "html5lib").find_all("a")
    assert [(link["href"], link.text, link.get("target")) for link in links] == [
        ("#s1", "[1]", None),
        ("#s1", "[1]", None),
        ("#s2", "[2]", None),
    ]


def test_a_link_defined_in_one_text_is_unknown_to_the_next_and_no_number() -> None:
    assert 'href="https://e.example/"' in render_markdown("[x]\n\n[x]: https://e.example/", {1: "#s1"})
    assert "<a" not in render_markdown("[x]")
    assert "<a" not in render_markdown("[x]", {1: "#s1"})


def test_links_may_be_limited_to_hosts_and_to_addresses() -> None:
    links = Links(hosts=frozenset({"e.example"}), addresses=frozenset({"https://f.example/a%20b"}))
    text = "[a](https://e.example/x) [b](https://f.example/a%20b) [c](https://f.example/) [d](https://[e/) <m@e.e>"
    found = BeautifulSoup(render_markdown(text, links=links), "html5lib").select("a[href]")
    assert [link["href"] for link in found] == ["https://e.example/x", "https://f.example/a%20b"]


@pytest.mark.parametrize("text", ["[3]", "[1, 3]", "`x[1]`", "    x[1]"])
def test_an_unknown_reference_or_one_in_code_stays_text(text: str) -> None:
    assert "<a" not in render_markdown(text, {1: "#s1"})


@pytest.mark.parametrize(
    ("text", "finished"),
    [
        ("", ""),
        ("one", ""),
        ("one\n\n", ""),
        ("one\n\ntwo", "one\n\n"),
        ("one\r\n\r\ntwo", "one\r\n\r\n"),
        ("one\r\rtwo", "one\r\r"),
        ("one\n\n- a\n- b\n\n  c\n", "one\n\n"),
        ("```\na\n\nb", ""),
        ("```\na\n```\nafter", "```\na\n```\n"),
        ("| a |\n|---|\n| b |\n\nafter", "| a |\n|---|\n| b |\n\n"),
        ("head\n===\nbody", "head\n===\n"),
    ],
)
def test_a_block_is_finished_when_the_next_begins(text: str, finished: str) -> None:
    assert text[: finished_length(text)] == finished


def test_blocks_rendered_one_by_one_read_like_the_whole() -> None:
    text = "# A\n\nb *c*\n\n1. d\n2. e\n\n```\nf\n\ng\n```\n\nh"
    pieces, rest = [], text
    while length := finished_length(rest):
        first = next(at for at in range(1, len(rest) + 1) if finished_length(rest[:at]))
        done = finished_length(rest[:first])
        pieces.append(render_markdown(rest[:done]))
        rest = rest[done:]
        assert done <= length
    assert "".join([*pieces, render_markdown(rest)]) == render_markdown(text)


def test_threads_do_not_mix_their_texts() -> None:
    seen: dict[int, str] = {}

    def render(number: int) -> None:
        seen[number] = render_markdown(f"text {number} https://e.example/{number}\n\n" * 20)

    threads = [Thread(target=render, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(html.count(f">https://e.example/{number}<") == 20 for number, html in seen.items())
    assert len(seen) == 8
