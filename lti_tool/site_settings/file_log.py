"""The log file that an administrator may switch on for a while (R160)."""

from pathlib import Path

from sqlalchemy.orm import Session

from lti_tool.logs import file_log
from lti_tool.site_settings.catalogue import ENABLE_FILE_LOG, FILE_LOG_LEVEL
from lti_tool.site_settings.store import snapshot


def apply_file_log(session: Session, data_dir: Path) -> None:
    """Have this process log to the file, or not, as the settings say now."""
    settings = snapshot(session)
    path = data_dir / "logs" / "lectern.log" if settings.read(ENABLE_FILE_LOG) else None
    file_log.apply(path, settings.read(FILE_LOG_LEVEL))
