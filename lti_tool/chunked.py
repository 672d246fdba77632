"""A streamed body as it arrives: all that is there with one read, where urllib3 hands out one chunk a read.

A model server sends each word as a chunk of its own; fifty a second in hundreds of streams are mostly reads. Only what
this module undoes itself is read past urllib3: chunks without compression (RFC 9112, section 7.1).
"""

import re
import select
import ssl
from collections.abc import Iterator
from http.client import HTTPException
from typing import Any

from urllib3.response import HTTPResponse

READ_SIZE = 65536
SIZE = re.compile(rb"[0-9A-Fa-f]{1,8}")
LONGEST_LINE = 8192
MOST_READS = 64
"""As many records of TLS are gathered before what they brought is handed on."""


class BrokenChunks(HTTPException):
    """The body is not what the transfer coding says."""


class Chunks:
    """Takes the bytes of a chunked body in any pieces, gives its content."""

    def __init__(self) -> None:
        self.is_over = False
        self._pending = b""
        self._left = 0
        self._in_trailers = False

    def feed(self, received: bytes) -> bytes:
        """The content that these bytes complete; raises BrokenChunks."""
        received = self._pending + received
        content, position = [], 0
        while not self.is_over:
            if self._left > 2:
                content.append(received[position : position + self._left - 2])
                position, self._left = position + len(content[-1]), self._left - len(content[-1])
            end = received.find(b"\r\n", position)
            if end < 0 or self._left > 2:
                break
            self._take_line(received[position:end])
            position = end + 2
        self._pending = received[position:]
        if len(self._pending) > LONGEST_LINE:
            raise BrokenChunks("a line without end")
        return b"".join(content)

    def _take_line(self, line: bytes) -> None:
        """The end of a chunk's data, the size of the next, or a trailer."""
        if self._left:
            if line:
                raise BrokenChunks("a chunk longer than it says")
            self._left = 0
        elif self._in_trailers:
            self.is_over = not line
        elif size := SIZE.fullmatch(line.partition(b";")[0].strip()):
            length = int(size[0], 16)
            # With the line end that follows the data.
            self._left = length + 2 if length else 0
            self._in_trailers = not length
        else:
            raise BrokenChunks("no size of a chunk")


def pieces(raw: HTTPResponse) -> Iterator[bytes]:
    """The content of a body, decompressed, as much at a time as has arrived; raises as urllib3 and sockets do."""
    stream, connection = _plain_chunks(raw)
    if stream is None:
        while piece := raw.read1(READ_SIZE, decode_content=True):
            yield piece
        return
    chunks = Chunks()
    while not chunks.is_over:
        received = stream.read1(READ_SIZE)
        for _ in range(MOST_READS):
            if not received or not _has_more(connection):
                break
            received += stream.read1(READ_SIZE)
        if not received:
            raise BrokenChunks("the body ended within a chunk")
        if content := chunks.feed(received):
            yield content
    # The connection is free for the next request.
    raw._fp.close()  # type: ignore[union-attr]
    raw.release_conn()


def _plain_chunks(raw: HTTPResponse) -> tuple[Any, Any]:
    """The buffered stream and the socket under a body that can be read past urllib3, else None twice."""
    stream = getattr(getattr(raw, "_fp", None), "fp", None)
    connection = getattr(getattr(raw, "connection", None), "sock", None)
    is_plain = raw.chunked and "content-encoding" not in raw.headers
    return (stream, connection) if is_plain and stream and connection else (None, None)


def _has_more(connection: Any) -> bool:
    """Each read of a TLS connection brings one record, so one word; of a plain one all that is there."""
    if not isinstance(connection, ssl.SSLSocket):
        return False
    poll = select.poll()
    poll.register(connection, select.POLLIN)
    return connection.pending() > 0 or bool(poll.poll(0))
