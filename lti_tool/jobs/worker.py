"""The worker process: procrastinate runs the jobs (its psycopg 3 is used here alone), we keep it honest.

Each job runs in a thread with the process's Runtime. Beside the jobs a keeper looks every few seconds for jobs of dead
workers and for what the schedule says. SIGTERM and SIGINT let running jobs finish; a lost database is waited for.
"""

import asyncio
import contextlib
import logging
import signal
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from procrastinate import App
from procrastinate.exceptions import ConnectorException
from procrastinate.worker import Worker
from psycopg_pool import PoolTimeout
from sqlalchemy.exc import SQLAlchemyError

from lti_tool.db import transaction
from lti_tool.jobs import recovery, schedule
from lti_tool.jobs.adapter import queue_app
from lti_tool.jobs.failures import forget_settled, reason_of
from lti_tool.runtime import Runtime
from lti_tool.site_settings.file_log import apply_file_log

log = logging.getLogger(__name__)

FORGOTTEN_AFTER = 60


@dataclass(frozen=True, kw_only=True)
class WorkerOptions:
    """Seconds, all of them. A job may start again `silence` after its worker fell silent."""

    poll: float = 1
    heartbeat: float = 2
    silence: float = 10
    keeper: float = 2
    patience: float = 3


def run_worker(runtime: Runtime, options: WorkerOptions | None = None) -> None:
    """Work until SIGTERM or SIGINT."""
    WorkerProcess(runtime=runtime, options=options or WorkerOptions()).serve()


@dataclass(kw_only=True)
class WorkerProcess:
    """One worker: it starts anew when the database was away, and ends when it is told to."""

    runtime: Runtime
    options: WorkerOptions
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    worker: Worker | None = None
    running: set[int] = field(default_factory=set)
    suspects: set[int] = field(default_factory=set)
    loop: asyncio.AbstractEventLoop | None = None

    def serve(self) -> None:
        """Work until told to stop."""
        asyncio.run(self.run())

    def stop_soon(self) -> None:
        """Tell it from another thread."""
        if self.loop:
            self.loop.call_soon_threadsafe(self.stop)

    async def run(self) -> None:
        self.loop = asyncio.get_running_loop()
        self.loop.set_default_executor(ThreadPoolExecutor(self.runtime.settings.worker_concurrency + 2))
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGTERM, signal.SIGINT):
                self.loop.add_signal_handler(number, self.stop)
        while not self.stopping.is_set():
            try:
                await self._work()
            except (ConnectorException, PoolTimeout, SQLAlchemyError) as error:
                log.error("worker.database_lost", extra={"reason": reason_of(error)})
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self.stopping.wait(), self.options.patience)

    def stop(self) -> None:
        self.stopping.set()
        if self.worker:
            self.worker.stop()  # type: ignore[no-untyped-call]  # procrastinate leaves it bare

    async def _work(self) -> None:
        app = queue_app(self.runtime, self.running)
        async with app.open_async():
            await asyncio.to_thread(self._store_schedule)
            if self.stopping.is_set():
                return
            self.worker = _worker(app, self)
            keeper = asyncio.create_task(self._keep())
            try:
                await self.worker.run()  # type: ignore[no-untyped-call]  # the same
            finally:
                keeper.cancel()
                self.worker = None

    def _store_schedule(self) -> None:
        with transaction(self.runtime.engine) as session:
            schedule.store_defaults(session)
            forget_settled(session)

    async def _keep(self) -> None:
        while True:
            await asyncio.sleep(self.options.keeper)
            try:
                await asyncio.to_thread(self._look)
            except SQLAlchemyError as error:
                log.error("worker.keeper_failed", extra={"reason": reason_of(error)})

    def _look(self) -> None:
        own = self.worker.worker_id if self.worker else None
        with transaction(self.runtime.engine) as session:
            apply_file_log(session, self.runtime.settings.data_dir)
            recovered = recovery.recover_stalled(
                session, own_worker=own, busy=self.running, silence=self.options.silence
            )
            queued = schedule.queue_due(session)
            if own is not None:
                # Seen twice, so that a job between being fetched, run and acknowledged is left alone.
                silent = recovery.own_jobs(session, own) - self.running
                recovery.recover_dropped(session, own_worker=own, dropped=silent & self.suspects)
                self.suspects = silent
        if recovered or queued:
            log.info("worker.looked", extra={"recovered": len(recovered), "queued": queued})


def _worker(app: App, process: WorkerProcess) -> Worker:
    options = process.options
    return Worker(
        app,
        concurrency=process.runtime.settings.worker_concurrency,
        fetch_job_polling_interval=options.poll,
        delete_jobs="successful",
        update_heartbeat_interval=options.heartbeat,
        # Forgetting a worker's row would make its jobs look stalled, and a worker that stood still for a moment would
        # go on without one: leave that to a margin beyond `silence`.
        stalled_worker_timeout=options.silence + FORGOTTEN_AFTER,
        install_signal_handlers=False,
    )
