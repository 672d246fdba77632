"""Is the server that postmaster.pid names really running? After a crash the file may name anything.

The number may belong to a zombie or to some other program by now. A live server carries its folder on its
command line, which a zombie has not and another program would not.
"""

import socket
import subprocess
from dataclasses import dataclass
from pathlib import Path

from lti_tool.embedded_postgres.storage import SOCKET_NAME


@dataclass(frozen=True, kw_only=True)
class Postmaster:
    """What a live server wrote into postmaster.pid."""

    pid: int
    socket_folder: Path
    is_ready: bool

    def accepts_connections(self) -> bool:
        """Whether someone listens on the socket and the server calls itself ready."""
        with socket.socket(socket.AF_UNIX) as connection:
            try:
                connection.connect(str(self.socket_folder / SOCKET_NAME))
            except OSError:
                return False
        return self.is_ready


def find_postmaster(cluster: Path) -> Postmaster | None:
    """The live server of these files, or None."""
    try:
        lines = (cluster / "postmaster.pid").read_text().splitlines()
    except FileNotFoundError:
        return None
    if not lines or not is_serving(int(lines[0]), cluster):
        return None
    folder = lines[4] if len(lines) > 4 else ""
    status = lines[7].strip() if len(lines) > 7 else ""
    return Postmaster(pid=int(lines[0]), socket_folder=Path(folder), is_ready=status == "ready")


def is_serving(pid: int, cluster: Path) -> bool:
    """Whether this process is a live server of these files."""
    return str(cluster) in _command_line(pid)


def _command_line(pid: int) -> list[str]:
    if Path("/proc/self/cmdline").exists():
        try:
            return Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").split("\0")
        except OSError:
            return []
    listed = subprocess.run(["ps", "-o", "args=", "-p", str(pid)], capture_output=True, text=True)
    return listed.stdout.split()
