"""The files of a new database server: made whole or not at all, open to named users over the socket alone."""

import os
import shutil
import subprocess
from pathlib import Path

from lti_tool.embedded_postgres.account import Account
from lti_tool.errors import ToolError

ROLE = "lectern"
ACCESS = "local all {role} peer map=lectern\n"
COLLATION = ["--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]


def ensure_cluster(home: Path, programs: Path, account: Account, *, sync: bool) -> Path:
    """The folder of the database files, initialised on the first start."""
    cluster = home / "postgres"
    if cluster.exists():
        return cluster
    unfinished = home / "postgres.new"
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(mode=0o700)
    if account.is_other:
        os.chown(unfinished, account.uid, account.gid)
    _initialise(unfinished, programs, account, sync=sync)
    _restrict_access(unfinished, account)
    unfinished.rename(cluster)
    return cluster


def _initialise(folder: Path, programs: Path, account: Account, *, sync: bool) -> None:
    command: list[str | Path] = [programs / "initdb", "-D", folder, "-U", ROLE, "--auth=reject", *COLLATION]
    command += ["--no-instructions"] if sync else ["--no-instructions", "--no-sync"]
    made = subprocess.run(command, capture_output=True, text=True, **account.process_options())
    if made.returncode != 0:
        raise ToolError("database_not_initialised", f"The database could not be made: {made.stderr.strip()}")


def _restrict_access(folder: Path, account: Account) -> None:
    """Peer authentication: the kernel says who connects, so there is no password to keep or lose."""
    (folder / "pg_hba.conf").write_text(ACCESS.format(role=ROLE))
    lines = [f'lectern "{name}" {ROLE}\n' for name in account.may_connect]
    (folder / "pg_ident.conf").write_text("".join(lines))
