"""Text of OpenDocument files."""

from pathlib import Path

from lti_tool.content.extraction.odt import extract
from tests.files import samples

BODY = """
<text:h text:outline-level="1">Middle values</text:h>
<text:p>The<text:s text:c="1"/><text:span>median</text:span>
<office:annotation><text:p>Really?</text:p></office:annotation> is robust.<text:line-break/>Always.</text:p>
<text:tracked-changes><text:p>Deleted words</text:p></text:tracked-changes>
<text:list><text:list-item><text:p>first</text:p></text:list-item></text:list>
<table:table><table:table-header-rows><table:table-row><table:table-cell><text:p>measure</text:p></table:table-cell>
</table:table-row></table:table-header-rows><table:table-row><table:table-cell><text:p>mean</text:p></table:table-cell>
</table:table-row></table:table>
"""


def written(tmp_path: Path) -> str:
    path = tmp_path / "essay.odt"
    path.write_bytes(samples.open_document(BODY))
    return "\n".join(section["text"] for section in extract(str(path)))


def test_paragraphs_lists_and_tables_are_read_in_their_order(tmp_path: Path) -> None:
    text = written(tmp_path)
    places = [text.index(words) for words in ("The median is robust.", "Always.", "first", "mean")]
    assert places == sorted(places)


def test_what_was_deleted_or_remarked_is_left_out(tmp_path: Path) -> None:
    text = written(tmp_path)
    assert "Really?" not in text and "Deleted" not in text
