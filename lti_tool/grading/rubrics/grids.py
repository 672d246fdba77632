"""Tables that people paste or upload, as rows of cells: from HTML, Markdown, a spreadsheet's tabs, or CSV."""

import csv
import io
import re

from bs4 import BeautifulSoup

from lti_tool.errors import InvalidInput

MOST_ROWS = 500
HTML_TABLE = re.compile(r"<table\b", re.IGNORECASE)
MARKDOWN_LINE = re.compile(r"^\s*\|?(?:\s*:?-+:?\s*\|)+\s*(?::?-+:?\s*)?$", re.MULTILINE)
MARKDOWN_CELL = re.compile(r"(?<!\\)\|")
DELIMITERS = "\t;,"
SPREADSHEET_APOSTROPHE = re.compile(r"\A'(?=[=+\-@])")

Grid = list[list[str]]


def find_grid(text: str) -> Grid | None:
    """The rows of a table, without empty ones; None where the text is no table. Raises InvalidInput."""
    text = text.lstrip("\ufeff")
    if HTML_TABLE.search(text):
        rows = _from_html(text)
    elif MARKDOWN_LINE.search(text):
        rows = _from_markdown(text)
    else:
        rows = _from_separated(text)
    rows = [row for row in rows if any(row)]
    if len(rows) > MOST_ROWS:
        raise InvalidInput("table_too_long", "A table has at most %(most)s rows.", {"most": MOST_ROWS})
    return rows if rows and max(map(len, rows)) > 1 else None


def _from_html(text: str) -> Grid:
    table = BeautifulSoup(text, "lxml").find("table")
    rows = table.find_all("tr") if table else []
    return [[_plain(cell.get_text(" ", strip=True)) for cell in row.find_all(["td", "th"])] for row in rows]


def _from_markdown(text: str) -> Grid:
    lines = [line.strip() for line in text.splitlines() if "|" in line and not MARKDOWN_LINE.fullmatch(line)]
    return [[_plain(cell.replace("\\|", "|")) for cell in MARKDOWN_CELL.split(_without_edges(line))] for line in lines]


def _without_edges(line: str) -> str:
    return line.removeprefix("|").removesuffix("|")


def _from_separated(text: str) -> Grid:
    """The delimiter that the first line has most of; a tab wins, since nobody types one."""
    first = text.strip("\r\n").split("\n", 1)[0]
    delimiter = "\t" if "\t" in first else max(DELIMITERS, key=first.count)
    if delimiter not in first:
        return []
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        return [[_plain(cell) for cell in row] for row in rows]
    except csv.Error as error:
        raise InvalidInput("table_unreadable", "This table cannot be read.") from error


def _plain(cell: str) -> str:
    """Without needless space, and without the apostrophe that protects spreadsheets from formulas."""
    lines = (" ".join(line.split()) for line in cell.splitlines())
    return SPREADSHEET_APOSTROPHE.sub("", "\n".join(line for line in lines if line), count=1)
