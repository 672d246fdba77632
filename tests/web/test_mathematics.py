r"""Formulas in answers: drawn by the browser, safe whatever is written in them, and money is no formula."""

import pytest
from bs4 import BeautifulSoup

from lti_tool.web.markdown import finished_length, render_markdown


def math_in(source: str) -> list[str]:
    page = BeautifulSoup(str(render_markdown(source)), "html.parser")
    return [found.get_text("", strip=True) for found in page.select("math")]


@pytest.mark.parametrize("source", ["so $x^2$ grows", r"so \(x^2\) grows", "so $$x^2$$ grows"])
def test_a_formula_inside_a_line(source: str) -> None:
    html = str(render_markdown(source))
    assert "<msup><mi>x</mi><mn>2</mn></msup>" in html and 'display="inline"' in html
    assert html.startswith("<p>so <math") and html.rstrip().endswith("</math> grows</p>")


@pytest.mark.parametrize("source", ["$$\na\n+ b\n$$", "\\[ a\n+ b \\]", "Text:\n$$a + b$$\nmore"])
def test_a_formula_on_lines_of_its_own_is_no_list(source: str) -> None:
    html = str(render_markdown(source))
    assert 'display="block"' in html and "<li>" not in html and math_in(source) == ["a+b"]


@pytest.mark.parametrize(
    "source",
    ["It costs $5 and $10.", "From $5-$10 a piece", "`$x$` in code", "    $$\n    x\n    $$", r"\$x\$", "$ x $", "$$"],
)
def test_what_is_no_formula_stays_text(source: str) -> None:
    assert math_in(source) == []


@pytest.mark.parametrize("broken", [r"\frac{", r"\left( x", "{" * 3000, "x" * 5000])
def test_what_cannot_be_read_stays_as_it_was_written(broken: str) -> None:
    html = str(render_markdown(f"Look: ${broken}$"))
    assert "<math" not in html and broken[:20] in html


@pytest.mark.parametrize(
    "attack",
    [
        r"\text{<img src=x onerror=alert(1)>}",
        r"\text{&lt;script&gt;alert(1)&lt;/script&gt;}",
        r"\href{javascript:alert(1)}{x}",
        r"\style{background:url(x)}{z}",
        r"\text{</mtext></math><script>alert(1)</script>}",
        r"\color{red;background:url(x)}{z}",
        r"\class{hl-k\" onclick=\"alert(1)}{x}",
    ],
)
def test_nothing_in_a_formula_runs_or_leads_anywhere(attack: str) -> None:
    page = BeautifulSoup(str(render_markdown(f"${attack}$")), "html5lib")
    assert not page.select("img, script, style, a[href], [href], [style], [onclick], [onerror]")


def test_signs_are_shown_and_not_read_as_markup() -> None:
    assert math_in(r"$a < b \text{ and } c \leq d$") == ["a<bandc≤d"]


def test_mathml_that_somebody_writes_is_shown_as_text() -> None:
    assert math_in("<math><mi>x</mi></math>") == []


def test_a_growing_formula_is_not_cut_in_two() -> None:
    growing = "First.\n\n$$\na = b\n\n+ c\n$$\n\nThen"
    cut = finished_length(growing)
    assert growing[:cut].count("$$") in {0, 2}
    assert finished_length("First.\n\n$$\na\n") <= len("First.\n\n")


def test_a_citation_beside_a_formula_still_counts() -> None:
    html = str(render_markdown("So $x[1]$ [1].", {1: "#turn-1-source-1"}))
    assert html.count('class="citation"') == 1
