"""Two free ports, chosen once: the issuer and the tool's addresses are kept on both sides, so they must not change."""

import errno
import socket
from dataclasses import dataclass
from typing import Self

from sqlalchemy.orm import Session

from lti_tool.demo.store import find_fact, remember
from lti_tool.errors import ToolError

LISTEN = "127.0.0.1"
HIGHEST = 65_535
BLOCKED_BY_BROWSERS = frozenset(
    {1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566, *range(6665, 6670), 6679, 6697, 10080}
)
"""The Fetch standard's bad ports that a program without privileges could choose."""


@dataclass(frozen=True, kw_only=True)
class Ports:
    """Where the tool and the course site listen."""

    tool: int
    site: int

    @classmethod
    def of_last_time(cls, session: Session) -> Self | None:
        tool, site = find_fact(session, "tool port"), find_fact(session, "site port")
        return cls(tool=int(tool), site=int(site)) if tool and site else None

    def keep(self, session: Session) -> None:
        remember(session, "tool port", str(self.tool))
        remember(session, "site port", str(self.site))


def take_ports(session: Session, wanted: int) -> Ports:
    """Last time's ports, or the first free ones from `wanted` on; raises ToolError if last time's are taken."""
    known = Ports.of_last_time(session)
    if known is None:
        tool = _first_free(wanted)
        known = Ports(tool=tool, site=_first_free(tool + 1))
        known.keep(session)
        return known
    for port in (known.tool, known.site):
        if not is_free(port):
            raise ToolError(
                "port_taken",
                f"Port {port}, which the demo has used since it was made, is taken by another program. Stop that "
                "program, or start afresh with: make demo-reset",
            )
    return known


def is_free(port: int) -> bool:
    """Whether we could listen there now."""
    with socket.socket() as attempt:
        attempt.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            attempt.bind((LISTEN, port))
        except OSError as error:
            if error.errno in {errno.EADDRINUSE, errno.EACCES}:
                return False
            raise
    return True


def _first_free(start: int) -> int:
    for port in range(start, HIGHEST + 1):
        if port not in BLOCKED_BY_BROWSERS and is_free(port):
            return port
    raise ToolError("port_taken", f"No port from {start} on is free.")
