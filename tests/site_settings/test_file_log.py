"""The log file follows the settings."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from lti_tool.logs import file_log
from lti_tool.site_settings.file_log import ENABLE_FILE_LOG, FILE_LOG_LEVEL, FileLogLevel, apply_file_log
from lti_tool.site_settings.store import write


@pytest.fixture(autouse=True)
def closed() -> Iterator[None]:
    yield
    file_log.apply(None, "ERROR")


def test_no_file_is_written_unless_somebody_wants_it(session: Session, tmp_path: Path) -> None:
    apply_file_log(session, tmp_path)
    assert file_log.handler is None


def test_the_file_and_its_level_are_as_the_settings_say(session: Session, tmp_path: Path) -> None:
    write(session, ENABLE_FILE_LOG, True)
    write(session, FILE_LOG_LEVEL, FileLogLevel.WARN)
    apply_file_log(session, tmp_path)
    assert file_log.handler is not None
    assert (Path(file_log.handler.baseFilename), file_log.handler.level) == (tmp_path / "logs" / "lectern.log", 30)


def test_the_file_is_closed_when_nobody_wants_it_any_more(session: Session, tmp_path: Path) -> None:
    write(session, ENABLE_FILE_LOG, True)
    apply_file_log(session, tmp_path)
    write(session, ENABLE_FILE_LOG, False)
    apply_file_log(session, tmp_path)
    assert file_log.handler is None
