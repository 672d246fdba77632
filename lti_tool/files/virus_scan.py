"""Ask a virus scanner about a file before it is kept: a command of the operator's, or clamd where it is installed.

The command gets the file's path as its last argument: exit code 0 is clean, 1 is infected. Whatever else it says means
that the file could not be checked, and then it is not taken either.
"""

import shlex
import shutil
import subprocess
from pathlib import Path

from lti_tool.errors import InvalidInput

CLAMD_SOCKETS = (Path("/run/clamav/clamd.ctl"), Path("/var/run/clamav/clamd.ctl"), Path("/run/clamd.scan/clamd.sock"))
SECONDS = 300
CLEAN, INFECTED = 0, 1


class VirusScan:
    """One installation's scanner; without one, every file passes."""

    def __init__(self, command: list[str]) -> None:
        self.command = command

    @classmethod
    def of(cls, command: str) -> "VirusScan":
        """The operator's command, else clamd if it runs here."""
        if command:
            return cls(shlex.split(command))
        client = shutil.which("clamdscan")
        if client and any(socket.exists() for socket in CLAMD_SOCKETS):
            return cls([client, "--no-summary", "--fdpass"])
        return cls([])

    def check(self, path: Path, name: str) -> None:
        """Raises InvalidInput for a file that is infected or that could not be checked."""
        if not self.command:
            return
        code = self._run(path)
        if code == INFECTED:
            raise InvalidInput(
                "file_infected", "The virus scanner refuses “%(name)s”. It was not kept.", {"name": name}
            )
        if code != CLEAN:
            raise InvalidInput(
                "virus_scan_failed",
                "“%(name)s” could not be checked for viruses. Try again later.",
                {"name": name},
                exit_code=code,
            )

    def _run(self, path: Path) -> int | None:
        try:
            return subprocess.run(
                [*self.command, str(path)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                timeout=SECONDS,
                check=False,
            ).returncode
        except (OSError, subprocess.TimeoutExpired):
            return None


NO_SCAN = VirusScan([])
