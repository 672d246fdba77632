"""What a check says, and the checks that need nothing but this machine and its database (pages.md, Doctor)."""

import shutil
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from pathlib import Path

from alembic.migration import MigrationContext
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from lti_tool.content.extraction.recognition import is_installed, runs_networks
from lti_tool.database_check import check_server, check_vector
from lti_tool.db import now
from lti_tool.errors import ToolError
from lti_tool.files.drawing import can_draw
from lti_tool.files.models import StoredFile
from lti_tool.jobs import state
from lti_tool.llm.models import BreakerState, CircuitBreaker, LlmCall, Outcome
from lti_tool.llm.provider import endpoint_of
from lti_tool.lti.keys import active_key
from lti_tool.mail.models import Letter, LetterState
from lti_tool.mail.server import is_set_up
from lti_tool.migrate import migration_scripts
from lti_tool.runtime import Runtime
from lti_tool.site_settings.catalogue import CHAT_DEPLOYMENT, ENABLED
from lti_tool.site_settings.patterns import N_
from lti_tool.site_settings.store import snapshot


class Verdict(StrEnum):
    """How a check ended; `note` is for what a person must look at."""

    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"
    NOTE = "note"


@dataclass(frozen=True, kw_only=True)
class Check:
    """One thing that was looked at. `message` is translated by whoever shows it, then filled with `values`."""

    name: str
    verdict: Verdict
    message: str
    values: Mapping[str, object] = field(default_factory=dict)


UNTOLD = Check(
    name=N_("Worker, jobs, keys, language model"),
    verdict=Verdict.FAILED,
    message=N_("They cannot be looked at before the migrations. Migrate first: lectern migrate"),
)
LONG_WAIT = 300
LATELY = timedelta(days=7)
SILENT = timedelta(seconds=30)
LITTLE_SPACE = 2 * 1024**3
SKEW = timedelta(seconds=5)


def local_checks(runtime: Runtime, session: Session) -> list[Check]:
    """Everything that can be seen from here; what needs this version's tables waits for them."""
    schema = migrations_check(session)
    return [
        database_check(session),
        schema,
        clock_check(session),
        disk_check(runtime.settings.data_dir),
        drawing_check(),
        scan_check(),
        address_check(runtime),
        *(_table_checks(runtime, session) if schema.verdict is Verdict.OK else [UNTOLD]),
        Check(
            name=N_("Live connection"),
            verdict=Verdict.NOTE,
            message=N_(
                "Open a tutor and ask: if the answer appears at once instead of growing, a proxy blocks sockets."
            ),
        ),
    ]


def _table_checks(runtime: Runtime, session: Session) -> list[Check]:
    return [
        worker_check(session),
        queue_check(session),
        dead_letter_check(session),
        file_check(session),
        mail_check(session),
        *key_checks(runtime, session),
        model_check(session),
    ]


def database_check(session: Session) -> Check:
    name = N_("Database")
    server = session.execute(text("SHOW server_version_num")).scalar_one()
    vector = session.scalar(text("SELECT extversion FROM pg_extension WHERE extname = 'vector'"))
    try:
        check_server(server)
        check_vector(vector)
    except ToolError as error:
        return Check(name=name, verdict=Verdict.FAILED, message=error.template, values=error.words)
    values = {"server": int(server) // 10_000, "vector": vector}
    return Check(
        name=name, verdict=Verdict.OK, message=N_("PostgreSQL %(server)s with pgvector %(vector)s."), values=values
    )


def migrations_check(session: Session) -> Check:
    found = MigrationContext.configure(session.connection()).get_current_heads()
    if set(found) == set(migration_scripts().get_heads()):
        return Check(name=N_("Schema"), verdict=Verdict.OK, message=N_("The database has the schema of this version."))
    return Check(name=N_("Schema"), verdict=Verdict.FAILED, message=N_("Migrations are missing. Run: lectern migrate"))


def clock_check(session: Session) -> Check:
    """A platform refuses what is signed in its future; the database's clock is the second opinion."""
    skew = now() - session.execute(select(func.clock_timestamp())).scalar_one()
    seconds = {"seconds": round(abs(skew.total_seconds()))}
    if abs(skew) > SKEW:
        return Check(
            name=N_("Clock"),
            verdict=Verdict.FAILED,
            message=N_("This machine and the database differ by %(seconds)s seconds. Set both clocks by NTP."),
            values=seconds,
        )
    return Check(name=N_("Clock"), verdict=Verdict.OK, message=N_("This machine and the database agree."))


def worker_check(session: Session) -> Check:
    seen = state.last_heartbeat(session)
    if seen is None or seen < now() - SILENT:
        return Check(
            name=N_("Worker"),
            verdict=Verdict.FAILED,
            message=N_("No worker runs, so nothing is sent or indexed. Run: lectern worker"),
        )
    return Check(name=N_("Worker"), verdict=Verdict.OK, message=N_("A worker runs."))


def queue_check(session: Session) -> Check:
    wait = max((queue.oldest_seconds for queue in state.queue_states(session)), default=0)
    slow = wait > LONG_WAIT
    return Check(
        name=N_("Queue"),
        verdict=Verdict.WARNING if slow else Verdict.OK,
        message=N_("The oldest waiting job has waited for %(seconds)s seconds."),
        values={"seconds": wait},
    )


def dead_letter_check(session: Session) -> Check:
    failed = sum(queue.failed for queue in state.queue_states(session))
    if failed:
        return Check(
            name=N_("Jobs that gave up"),
            verdict=Verdict.WARNING,
            message=N_("%(count)s jobs gave up; the jobs page says why."),
            values={"count": failed},
        )
    return Check(name=N_("Jobs that gave up"), verdict=Verdict.OK, message=N_("None."))


def file_check(session: Session) -> Check:
    """What the nightly comparison of bytes and hashes found."""
    damaged = session.scalar(select(func.count()).where(StoredFile.is_damaged)) or 0
    if damaged:
        return Check(
            name=N_("Stored files"),
            verdict=Verdict.FAILED,
            message=N_("%(count)s files are damaged or gone and are not served. Put them back from a backup."),
            values={"count": damaged},
        )
    return Check(name=N_("Stored files"), verdict=Verdict.OK, message=N_("The last check found no damage."))


def mail_check(session: Session) -> Check:
    """Whether e-mails leave; what the server said lately."""
    name = N_("E-mail")
    if not is_set_up(session):
        return Check(
            name=name,
            verdict=Verdict.NOTE,
            message=N_("No mail server is set up, so people are told in the course alone."),
        )
    waiting = select(Letter.reason).where(Letter.state == LetterState.TODO, Letter.reason != "").limit(1)
    lost = select(Letter.reason).where(Letter.state == LetterState.FAILED, Letter.created_at > now() - LATELY).limit(1)
    if reason := session.scalar(lost):
        message = N_("E-mails of the last week were given up (%(reason)s).")
    elif reason := session.scalar(waiting):
        message = N_("E-mails wait (%(reason)s).")
    else:
        return Check(name=name, verdict=Verdict.OK, message=N_("No e-mail waits for long."))
    return Check(name=name, verdict=Verdict.WARNING, message=message, values={"reason": reason})


def key_checks(runtime: Runtime, session: Session) -> list[Check]:
    """The files that must be private, and the signing key that they open."""
    readable = [path.name for path in sorted(runtime.settings.keys_dir.glob("*.key")) if _is_open(path)]
    files = Check(name=N_("Key files"), verdict=Verdict.OK, message=N_("Only their owner can read them."))
    if readable:
        files = Check(
            name=N_("Key files"),
            verdict=Verdict.FAILED,
            message=N_("Others can read %(files)s. Run chmod 600 on them."),
            values={"files": ", ".join(readable)},
        )
    try:
        active_key(session, runtime.secrets)
        signing = Check(name=N_("Signing key"), verdict=Verdict.OK, message=N_("It can be read and signs."))
    except ToolError as error:
        signing = Check(name=N_("Signing key"), verdict=Verdict.FAILED, message=error.template, values=error.words)
    return [files, signing]


def _is_open(path: Path) -> bool:
    return bool(path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO))


def disk_check(folder: Path) -> Check:
    existing = next(place for place in (folder, *folder.parents) if place.exists())
    free = shutil.disk_usage(existing).free
    return Check(
        name=N_("Disk"),
        verdict=Verdict.WARNING if free < LITTLE_SPACE else Verdict.OK,
        message=N_("%(free)s gigabytes are free for files."),
        values={"free": f"{free / 1024**3:.1f}"},
    )


def drawing_check() -> Check:
    """Conversations, booklets, lists and marked copies; everything else works without."""
    name = N_("Making PDFs")
    if can_draw():
        return Check(name=name, verdict=Verdict.OK, message=N_("PDFs can be made."))
    said = N_("No PDF can be made: install the packages libpangoft2-1.0-0 and libharfbuzz-subset0.")
    return Check(name=name, verdict=Verdict.WARNING, message=said)


def scan_check() -> Check:
    """Everything else works without: page codes, bubbles and people tell whose a paper is."""
    name = N_("Reading scans")
    if is_installed():
        return Check(name=name, verdict=Verdict.OK, message=N_("Handwritten numbers and printed text are read."))
    if runs_networks():
        said = N_("Handwritten numbers are read, printed text is not: RapidOCR is missing.")
        return Check(name=name, verdict=Verdict.NOTE, message=said)
    return Check(
        name=name,
        verdict=Verdict.NOTE,
        message=N_("Page codes and bubbles alone are read. For handwriting and text install the extra “ocr”."),
    )


def address_check(runtime: Runtime) -> Check:
    settings = runtime.settings
    values = {"address": settings.public_url}
    if settings.public_url.startswith("https://") or settings.is_loopback_http:
        return Check(name=N_("Address"), verdict=Verdict.OK, message="%(address)s", values=values)
    return Check(
        name=N_("Address"),
        verdict=Verdict.FAILED,
        message=N_("%(address)s is not https: browsers drop the cookie inside a course page."),
        values=values,
    )


def model_check(session: Session) -> Check:
    """No call is made: the settings, the breaker and the latest call tell."""
    name, settings = N_("Language model"), snapshot(session)
    if not settings.read(ENABLED):
        return Check(name=name, verdict=Verdict.NOTE, message=N_("Outgoing calls are switched off."))
    if not (endpoint_of(settings) and settings.read(CHAT_DEPLOYMENT)):
        return Check(name=name, verdict=Verdict.NOTE, message=N_("None is set up: the tutor quotes passages."))
    paused = session.scalar(
        select(func.count()).select_from(CircuitBreaker).where(CircuitBreaker.state != BreakerState.CLOSED)
    )
    if paused:
        return Check(name=name, verdict=Verdict.FAILED, message=N_("It failed several times; calls are paused."))
    ended = select(LlmCall).where(LlmCall.outcome != Outcome.CANCELLED).order_by(LlmCall.created_at.desc()).limit(1)
    latest = session.scalar(ended)
    if latest is None:
        return Check(name=name, verdict=Verdict.NOTE, message=N_("It is set up and has not been asked yet."))
    when = latest.created_at.strftime("%Y-%m-%d %H:%M UTC")
    if latest.outcome == Outcome.SUCCEEDED:
        return Check(name=name, verdict=Verdict.OK, message=N_("It answered last on %(when)s."), values={"when": when})
    return Check(
        name=name,
        verdict=Verdict.WARNING,
        message=N_("The latest call failed on %(when)s (%(code)s). Ask each model on the page of language models."),
        values={"when": when, "code": latest.error_code},
    )
