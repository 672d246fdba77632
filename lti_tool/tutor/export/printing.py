"""The transcript's page as PDF, in the limited process: what a model wrote decides how long that takes.

WeasyPrint draws no MathML, so formulas become pictures with the formula's own words beside them.
"""

import base64

from bs4 import BeautifulSoup, Tag

from lti_tool.config import PROJECT_ROOT
from lti_tool.errors import InvalidInput, ToolError
from lti_tool.files import drawing, sandbox

SHEET = PROJECT_ROOT / "static" / "css" / "transcript.css"
SIZE = 15
"""Of the letters in a formula, in the pixels of the page's text."""


def printed(html: str) -> bytes:
    """The PDF; raises InvalidInput where it is too long, or the system lacks what draws it."""
    try:
        return base64.b64decode(sandbox.run(draw, html))
    except ToolError as error:
        raise InvalidInput(
            "transcript_not_drawn", "This conversation cannot be made into a PDF here. Take it as text instead."
        ) from error


def draw(html: str) -> str:
    """The PDF in base64; called in the limited process only."""
    return drawing.draw(with_pictures_of_formulas(html), str(SHEET))


def with_pictures_of_formulas(html: str) -> str:
    """The page with a picture in place of each formula; one that cannot be drawn stays as its signs."""
    page = BeautifulSoup(html, "html.parser")
    for formula in page.find_all("math"):
        picture = _picture(page, formula)
        if picture is not None:
            formula.replace_with(picture)
    return str(page)


def _picture(page: BeautifulSoup, formula: Tag) -> Tag | None:
    # It loads its fonts when it is imported, and only who prints needs them.
    from ziamath.zmath import Math

    try:
        drawn = Math(str(formula), size=SIZE)
        content = base64.b64encode(drawn.svg().encode()).decode()
        height, below = drawn.getsize()[1], drawn.getyofst()
    except Exception:
        # The library has no family of errors of its own.
        return None
    is_block = formula.get("display") == "block"
    return page.new_tag(
        "img",
        attrs={
            "src": f"data:image/svg+xml;base64,{content}",
            "alt": formula.get_text(" ", strip=True),
            "class": "formula-block" if is_block else "formula",
            "style": f"height: {height:.2f}px; vertical-align: {below:.2f}px",
        },
    )
