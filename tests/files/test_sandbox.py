"""A hostile file may end its own process, never ours."""

import socket
import subprocess
from pathlib import Path

import pytest

from lti_tool.errors import InvalidInput, NotAllowed
from lti_tool.files import pdf, sandbox
from tests.files import samples


def add(left: int, right: int) -> int:
    return left + right


def refuse() -> None:
    raise NotAllowed("because", "A sentence.")


def crash() -> None:
    raise ZeroDivisionError


def fill_memory() -> int:
    return len(bytearray(sandbox.MEMORY))


def write_on(path: str) -> None:
    Path(path).write_bytes(bytes(sandbox.OUTPUT_BYTES + 1))


def call_out() -> None:
    socket.create_connection(("127.0.0.1", 9))


def start_a_program() -> None:
    subprocess.run(["true"], check=True)


def test_a_function_answers_through_its_process() -> None:
    assert sandbox.run(add, 2, right=3) == 5


def test_a_refusal_inside_is_the_same_refusal_outside() -> None:
    with pytest.raises(InvalidInput, match="A sentence") as refusal:
        sandbox.run(refuse)
    assert refusal.value.code == "because"


@pytest.mark.parametrize("function", [crash, fill_memory, call_out, start_a_program])
def test_what_ends_the_process_is_an_unreadable_file(function: object) -> None:
    with pytest.raises(InvalidInput) as refusal:
        sandbox.run(function)  # type: ignore[arg-type]
    assert refusal.value.code == "file_unreadable"


def test_a_process_cannot_fill_the_disk(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput):
        sandbox.run(write_on, str(tmp_path / "large"))


def test_a_content_bomb_does_not_reach_us(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "WALL_SECONDS", 1)
    bomb = tmp_path / "bomb.pdf"
    bomb.write_bytes(samples.pdf_stream_bomb())
    with pytest.raises(InvalidInput) as refusal:
        sandbox.run(pdf.render_page, str(bomb), 1, str(tmp_path / "page.webp"))
    assert refusal.value.code == "file_unreadable"
