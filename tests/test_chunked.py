"""Chunks undone however their bytes arrive, and a streamed body that leaves its connection for the next request."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from socket import create_server, socket
from threading import Thread

import pytest
import requests

from lti_tool.chunked import BrokenChunks, Chunks, pieces

BODY = b"4;note=1\r\nWiki\r\n6\r\npedia \r\nb\r\nin \r\nchunks\r\n0\r\nExpires: never\r\n\r\n"
CONTENT = b"Wikipedia in \r\nchunks"
HEAD = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
def test_chunks_are_undone_wherever_their_bytes_are_cut(size: int) -> None:
    chunks = Chunks()
    content = b"".join(chunks.feed(BODY[start : start + size]) for start in range(0, len(BODY), size))
    assert content == CONTENT
    assert chunks.is_over


def test_content_is_handed_on_before_its_chunk_is_whole() -> None:
    assert Chunks().feed(b"ff\r\nbegin") == b"begin"


def test_nothing_is_read_beyond_the_end() -> None:
    chunks = Chunks()
    chunks.feed(b"0\r\n")
    assert not chunks.is_over
    chunks.feed(b"\r\n")
    assert chunks.is_over


@pytest.mark.parametrize("body", [b"no size\r\n", b"-1\r\n", b"2\r\nabc\r\n", b"\r\n", b"0" * 9000])
def test_what_is_no_chunk_is_refused(body: bytes) -> None:
    with pytest.raises(BrokenChunks):
        Chunks().feed(body)


@contextmanager
def serving(*bodies: bytes) -> Iterator[str]:
    """Answers one request after another on one connection, then hangs up."""

    def serve(listening: socket) -> None:
        connection, _ = listening.accept()
        with connection:
            for body in bodies:
                connection.recv(65_536)
                connection.sendall(HEAD + body)

    with create_server(("127.0.0.1", 0)) as listening:
        serving_thread = Thread(target=serve, args=[listening])
        serving_thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/"
        serving_thread.join()


def test_a_body_read_to_its_end_leaves_the_connection_to_the_next_request() -> None:
    with serving(BODY, BODY) as address, requests.Session() as session:
        for _ in range(2):
            with closing(session.get(address, stream=True, timeout=30)) as response:
                assert b"".join(pieces(response.raw)) == CONTENT


def test_all_that_has_arrived_comes_as_one_piece() -> None:
    with serving(BODY) as address, closing(requests.get(address, stream=True, timeout=30)) as response:
        assert list(pieces(response.raw)) == [CONTENT]


def test_a_body_cut_off_is_not_taken_for_a_whole_one() -> None:
    with serving(BODY[:20]) as address:
        response = requests.get(address, stream=True, timeout=30)
    with closing(response), pytest.raises(BrokenChunks):
        list(pieces(response.raw))
