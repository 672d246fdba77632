"""What Prometheus reads: requests and sockets counted in each process, the rest asked of the database when scraped.

Where the web server has several processes they keep their counts in files of one folder, and one scrape adds them up.
No label ever names a person or a course.
"""

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest, values
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead
from prometheus_client.registry import Collector
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lti_tool.db import now
from lti_tool.gradebook.models import Push
from lti_tool.jobs.state import queue_states
from lti_tool.llm.models import CircuitBreaker, LlmCall

FOLDER = "PROMETHEUS_MULTIPROC_DIR"
BUCKETS = (0.01, 0.03, 0.1, 0.3, 1, 3, 10)
BREAKER_STATES = ("closed", "half_open", "open")


@dataclass(frozen=True, kw_only=True)
class Counts:
    """What this process counts."""

    registry: CollectorRegistry
    requests: Counter
    seconds: Histogram
    sockets: Gauge


@cache
def counts() -> Counts:
    """Made at the first request: by then the server has said whether processes share their counts."""
    own = CollectorRegistry()
    return Counts(
        registry=own,
        requests=Counter("lectern_requests", "Answered requests.", ["endpoint", "status"], registry=own),
        seconds=Histogram("lectern_request_seconds", "Time to answer.", buckets=BUCKETS, registry=own),
        sockets=Gauge("lectern_open_sockets", "Open WebSockets.", registry=own, multiprocess_mode="livesum"),
    )


def share_counts(folder: Path) -> None:
    """Have the processes of this web server, which are started after this call, keep their counts in a folder."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700, parents=True)
    # The library takes the folder from here alone, and chose how to count when it was imported.
    os.environ[FOLDER] = str(folder)
    values.ValueClass = values.MultiProcessValue()  # type: ignore[no-untyped-call]  # it is bare


def forget_process(process_id: int) -> None:
    """The sockets of a process that has ended are not open any more."""
    if FOLDER in os.environ:
        mark_process_dead(process_id)  # type: ignore[no-untyped-call]  # it is bare


def count_request(endpoint: str, status: int, seconds: float) -> None:
    counts().requests.labels(endpoint=endpoint, status=str(status)).inc()
    counts().seconds.observe(seconds)


def count_sockets(number: int) -> None:
    """Told whenever one opens or closes: a scrape asks one process, and the others must have said theirs."""
    counts().sockets.set(number)


def exposition(session: Session) -> bytes:
    """The page that Prometheus reads."""
    return generate_latest(_counted()) + generate_latest(_asked(session))


def _counted() -> CollectorRegistry:
    if values.ValueClass is values.MutexValue:
        return counts().registry
    together = CollectorRegistry()
    MultiProcessCollector(together)  # type: ignore[no-untyped-call]  # it is bare
    return together


def _asked(session: Session) -> CollectorRegistry:
    registry = CollectorRegistry()
    registry.register(_Database(session))
    return registry


class _Database(Collector):
    """Values of the whole installation, the same from every node: take their maximum, not their sum."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def collect(self) -> Iterator[Metric]:
        yield from self._queues()
        yield from self._model()
        yield self._pushes()
        yield self._breakers()

    def _queues(self) -> Iterator[Metric]:
        depth = GaugeMetricFamily("lectern_jobs", "Jobs by state.", labels=["queue", "state"])
        age = GaugeMetricFamily("lectern_oldest_job_seconds", "Wait of the oldest job.", labels=["queue"])
        for queue in queue_states(self.session):
            for state in ("waiting", "later", "doing", "failed"):
                depth.add_metric([queue.queue, state], getattr(queue, state))
            age.add_metric([queue.queue], queue.oldest_seconds)
        yield from (depth, age)

    def _model(self) -> Iterator[Metric]:
        tokens = GaugeMetricFamily("lectern_model_tokens_last_hour", "Tokens of model calls.", labels=["kind"])
        calls = GaugeMetricFamily("lectern_model_calls_last_hour", "Model calls.", labels=["outcome"])
        cost = GaugeMetricFamily("lectern_model_cost_last_hour", "Cost in the currency of the price settings.")
        recent = LlmCall.created_at > now() - timedelta(hours=1)
        sums = select(
            func.coalesce(func.sum(LlmCall.prompt_tokens), 0),
            func.coalesce(func.sum(LlmCall.completion_tokens), 0),
            func.coalesce(func.sum(LlmCall.cost_micros), 0),
        ).where(recent)
        prompt, completion, micros = self.session.execute(sums).one()
        tokens.add_metric(["prompt"], int(prompt))
        tokens.add_metric(["completion"], int(completion))
        cost.add_metric([], int(micros) / 1_000_000)
        by_outcome = select(LlmCall.outcome, func.count()).where(recent).group_by(LlmCall.outcome)
        for outcome, count in self.session.execute(by_outcome):
            calls.add_metric([outcome], count)
        yield from (tokens, calls, cost)

    def _pushes(self) -> Metric:
        pushes = GaugeMetricFamily("lectern_grade_pushes", "Approved grades by state of delivery.", labels=["state"])
        for status, count in self.session.execute(select(Push.status, func.count()).group_by(Push.status)):
            pushes.add_metric([status], count)
        return pushes

    def _breakers(self) -> Metric:
        breakers = GaugeMetricFamily("lectern_breakers", "Circuit breakers by state.", labels=["state"])
        found: dict[str, int] = {
            state: count
            for state, count in self.session.execute(
                select(CircuitBreaker.state, func.count()).group_by(CircuitBreaker.state)
            )
        }
        for state in BREAKER_STATES:
            breakers.add_metric([state], found.get(state, 0))
        return breakers
