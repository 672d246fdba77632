"""Which operating-system user the server runs as: ourselves, or an unprivileged one when we are root.

PostgreSQL refuses to run as root. No user is made and no folder is opened for it: what it cannot
reach is placed where it can (storage.py).
"""

import os
import pwd
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lti_tool.errors import ToolError

UNPRIVILEGED = ("lectern", "postgres", "nobody", "daemon")
CLEAN_ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C"}


@dataclass(frozen=True, kw_only=True)
class Account:
    """The user who owns the database files, and everyone who may connect."""

    name: str
    uid: int
    gid: int
    may_connect: tuple[str, ...]

    @property
    def is_other(self) -> bool:
        return self.uid != os.geteuid()

    def process_options(self) -> dict[str, Any]:
        """Options of subprocess for a child that runs as this user and takes nothing from our environment."""
        options: dict[str, Any] = {"cwd": "/", "env": CLEAN_ENVIRONMENT, "stdin": subprocess.DEVNULL}
        if self.is_other:
            options |= {"user": self.uid, "group": self.gid, "extra_groups": []}
        return options

    def can_reach(self, path: Path) -> bool:
        """Whether this user can enter the folder or run the program, as the system sees it."""
        return subprocess.run(["test", "-x", path], **self.process_options()).returncode == 0


def account_for(existing: Path) -> Account:
    """The owner of a database that exists, else whom a new one should belong to."""
    try:
        ourselves = pwd.getpwuid(os.geteuid())
        chosen = _of_root(existing) if ourselves.pw_uid == 0 else ourselves
    except KeyError as error:
        raise ToolError(
            "database_user_unknown",
            "The user of this process has no entry in /etc/passwd, which PostgreSQL needs.",
        ) from error
    names = tuple(dict.fromkeys((ourselves.pw_name, chosen.pw_name)))
    return Account(name=chosen.pw_name, uid=chosen.pw_uid, gid=chosen.pw_gid, may_connect=names)


def _of_root(existing: Path) -> pwd.struct_passwd:
    if existing.exists():
        return pwd.getpwuid(existing.stat().st_uid)
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    return known[next(name for name in UNPRIVILEGED if name in known)]
