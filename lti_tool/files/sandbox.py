"""Run one of our own functions on a hostile file in a process of its own, with limits (scans.md 4.6).

Parsers abort, loop and allocate without end on crafted files; none of that may happen in a web process or a worker.
Arguments and result travel as JSON. A ToolError raised inside is raised again outside; every other end of the
process - a signal, a limit, a crash - means that the file cannot be read.
"""

import importlib
import json
import os
import resource
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple, ParamSpec, TypeVar, cast

from lti_tool.config import PROJECT_ROOT
from lti_tool.errors import InvalidInput, ToolError

P = ParamSpec("P")
T = TypeVar("T")

MEMORY = 1536 * 1024 * 1024
CPU_SECONDS = 20
WALL_SECONDS = 300
"""By the clock, for what hangs: on a busy machine the CPU seconds of a sound file take long to come."""
OUTPUT_BYTES = 256 * 1024 * 1024
OPEN_FILES = 64
FORBIDDEN_EVENTS = ("socket.", "subprocess.Popen", "os.exec", "os.fork", "os.posix_spawn", "os.system")
REFUSED = 3


class Limits(NamedTuple):
    """What one call may use up."""

    memory: int = MEMORY
    cpu_seconds: int = CPU_SECONDS


USUAL = Limits()
_slots = threading.BoundedSemaphore(os.cpu_count() or 2)


def run(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Call a module-level function with JSON arguments in a limited process; raises InvalidInput if it dies."""
    return run_within(USUAL, function, *args, **kwargs)


def run_within(limits: Limits, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """The same with limits of its own, for what is slow and large by its nature."""
    call: dict[str, object] = {"module": function.__module__, "name": function.__name__, "args": args, "kwargs": kwargs}
    call["limits"] = limits
    with _slots, tempfile.TemporaryDirectory(prefix="lectern-") as folder:
        result = Path(folder) / "result.json"
        code = _run_child(json.dumps(call), folder, result, WALL_SECONDS * limits.cpu_seconds // CPU_SECONDS)
        if code not in (0, REFUSED):
            raise _unreadable(code)
        answer = json.loads(result.read_bytes())
    if code == REFUSED:
        raise InvalidInput(answer["code"], answer["message"], answer["words"])
    return cast(T, answer)


def _run_child(call: str, folder: str, result: Path, wall_seconds: int) -> int:
    environment = {"PYTHONPATH": str(PROJECT_ROOT), "TMPDIR": folder, "HOME": folder, "LANG": "C.UTF-8"}
    try:
        return subprocess.run(
            [sys.executable, "-m", "lti_tool.files.sandbox", str(result)],
            input=call.encode(),
            cwd=folder,
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=wall_seconds,
            check=False,
        ).returncode
    except subprocess.TimeoutExpired as error:
        raise _unreadable(None) from error


def _unreadable(code: int | None) -> InvalidInput:
    return InvalidInput(
        "file_unreadable", "This file is damaged, or too large or complicated to be read safely.", exit_code=code
    )


def _child(result: Path) -> int:
    call = json.load(sys.stdin)
    _limit(Limits(*call["limits"]))
    function = getattr(importlib.import_module(call["module"]), call["name"])
    sys.addaudithook(_forbid)
    try:
        answer, code = function(*call["args"], **call["kwargs"]), 0
    except ToolError as error:
        answer, code = {"code": error.code, "message": error.template, "words": error.words}, REFUSED
    result.write_text(json.dumps(answer))
    return code


def _limit(limits: Limits) -> None:
    for kind, most in (
        (resource.RLIMIT_AS, limits.memory),
        (resource.RLIMIT_CPU, limits.cpu_seconds),
        (resource.RLIMIT_FSIZE, OUTPUT_BYTES),
        (resource.RLIMIT_NOFILE, OPEN_FILES),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(kind, (most, most))


def _forbid(event: str, _: object) -> None:
    if event.startswith(FORBIDDEN_EVENTS):
        raise PermissionError(f"{event} is not allowed here")


if __name__ == "__main__":
    sys.exit(_child(Path(sys.argv[1])))
