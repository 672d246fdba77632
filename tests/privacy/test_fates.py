"""No column that names a person or a file is without a fate."""

import pytest

from lti_tool.db import Base
from lti_tool.privacy.fates import FILES, PEOPLE, Fate


def columns_naming(table: str) -> dict[str, bool]:
    """Each foreign key to a table, and whether it may be empty."""
    return {
        f"{key.parent.table.name}.{key.parent.name}": bool(key.parent.nullable)
        for found in Base.metadata.sorted_tables
        for key in found.foreign_keys
        if key.column.table.name == table
    }


def test_each_column_that_names_a_person_says_what_becomes_of_its_rows() -> None:
    assert columns_naming("person").keys() ^ PEOPLE.keys() == set()


def test_each_column_that_names_a_file_says_what_has_it_deleted() -> None:
    assert columns_naming("stored_file").keys() ^ FILES.keys() == set()


@pytest.mark.parametrize("column", sorted(name for name, fate in PEOPLE.items() if fate is Fate.UNLINKED))
def test_only_links_that_may_be_empty_are_cut(column: str) -> None:
    assert columns_naming("person")[column]
