"""The queue's schema that migrations install is the one that the installed package speaks."""

from pathlib import Path

from lti_tool.config import PROJECT_ROOT
from lti_tool.jobs.models import installed_schema

FROZEN = Path(PROJECT_ROOT / "migrations" / "versions" / "0007_procrastinate_3_10.sql")


def test_an_update_of_procrastinate_that_needs_a_migration_is_noticed() -> None:
    assert FROZEN.read_text(encoding="utf-8") == installed_schema()
