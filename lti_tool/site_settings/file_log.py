"""The log file that an administrator may switch on for a while (R160): its settings, and following them."""

from enum import StrEnum
from pathlib import Path

from sqlalchemy.orm import Session

from lti_tool.logs import file_log
from lti_tool.site_settings.catalogue import CATALOGUE
from lti_tool.site_settings.kinds import OneOf, Switch
from lti_tool.site_settings.patterns import N_
from lti_tool.site_settings.setting import Group, Setting
from lti_tool.site_settings.store import snapshot


class FileLogLevel(StrEnum):
    DEBUG = "DEBUG"
    INFO = "INFO"
    WARN = "WARN"
    ERROR = "ERROR"


ENABLE_FILE_LOG = CATALOGUE.add(
    Setting(
        key="enablefilelog",
        default=False,
        kind=Switch(),
        group=Group.LOGS,
        label=N_("Keep a log file"),
        help=N_("Also write the log to logs/lectern.log in each machine's data folder: no names, no messages."),
    )
)
FILE_LOG_LEVEL = CATALOGUE.add(
    Setting(
        key="loglevel",
        default=FileLogLevel.ERROR,
        kind=OneOf(choices=FileLogLevel),
        group=Group.LOGS,
        label=N_("Least severity in the file"),
        help=N_("ERROR for faults alone, DEBUG for everything."),
    )
)


def apply_file_log(session: Session, data_dir: Path) -> None:
    """Have this process log to the file, or not, as the settings say now."""
    settings = snapshot(session)
    path = data_dir / "logs" / "lectern.log" if settings.read(ENABLE_FILE_LOG) else None
    file_log.apply(path, settings.read(FILE_LOG_LEVEL))
