"""Launches under load: many people at a time, two gunicorn workers, each leg over HTTP (part of `benchmarks.launch`).

Beside it the same launches one after another, and the stock app with the same load. The time is the tool's: login,
launch, page, without the platform's signing in between. Tool, PostgreSQL and load share this machine.

Of N launches in flight on C cores each waits for the others: it takes N / C times the CPU time of one, whatever is
done. Where a launch alone is hardly more than its CPU time, 50 on two cores take at least 25 times as long as one.
"""

import os
import statistics
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from itertools import islice
from urllib.parse import parse_qs, urlencode, urlsplit

from benchmarks.stream import Processes
from tests.fakes.platform import LEARNER, LTI, FakePlatform

AT_A_TIME = 50
UNLOADED, LOADED = 60, 1000
MOST_TIMES = 10.0
CORES = len(os.sched_getaffinity(0))
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


class LaunchFailed(Exception):
    """A leg was answered otherwise than a browser needs."""


@dataclass(kw_only=True)
class Visit:
    """One person's launch in a fresh browser; `launched` is how the tool answers it: with a page, or where one is."""

    address: str
    launched: int
    platform: FakePlatform
    link: str
    sub: str
    seconds: float = 0.0
    cookie: str = ""
    connection: HTTPConnection = field(init=False)

    def __post_init__(self) -> None:
        self.connection = HTTPConnection(urlsplit(self.address).netloc, timeout=60)

    def take(self) -> float:
        """The tool's seconds; raises LaunchFailed."""
        try:
            query = parse_qs(urlsplit(self.login()).query)
            page = self.ask("POST", "/lti/launch", self.launched, self.answer(query["nonce"][0], query["state"][0]))
            if page:
                self.ask("GET", urlsplit(page).path, 200)
        finally:
            self.connection.close()
        return self.seconds

    def login(self) -> str:
        form = {"iss": self.platform.issuer, "client_id": self.platform.client_id, "login_hint": self.sub}
        form |= {"lti_deployment_id": self.platform.deployment_id, "target_link_uri": f"{self.address}/lti/launch"}
        return self.ask("POST", "/lti/login", 302, urlencode(form))

    def answer(self, nonce: str, state: str) -> str:
        link = {f"{LTI}resource_link": {"id": self.link, "title": "Ask"}}
        claims = self.platform.claims(self.sub, [LEARNER], nonce, f"{self.address}/lti/launch", **link)
        return urlencode({"state": state, "id_token": self.platform.sign(claims)})

    def ask(self, method: str, path: str, expected: int, form: str = "") -> str:
        """Where the answer leads."""
        begin = time.perf_counter()
        self.connection.request(method, path, form or None, {"Cookie": self.cookie} | (FORM if form else {}))
        response = self.connection.getresponse()
        text = response.read()
        self.seconds += time.perf_counter() - begin
        if response.status != expected:
            raise LaunchFailed(f"{method} {path.split('/')[-1]}: {response.status} {text[:200]!r}")
        self.cookie = self.cookie or "; ".join(
            given.split(";")[0] for given in response.headers.get_all("Set-Cookie", [])
        )
        return response.headers.get("Location", "")


def under_load(tool: Processes, platform: FakePlatform, link: str, *, launched: int) -> None:
    """Print the unloaded median, and what became of launches that come many at a time."""
    visits = (
        Visit(
            address=tool.address,
            launched=launched,
            platform=platform,
            link=link,
            sub=f"load-{number % (2 * AT_A_TIME)}",
        )
        for number in range(UNLOADED + LOADED + 4 * AT_A_TIME)
    )
    take_all(islice(visits, 2 * AT_A_TIME), at_a_time=2)
    begin = tool.cpu()
    alone, _ = take_all(islice(visits, UNLOADED), at_a_time=1)
    cpu_alone = (tool.cpu() - begin) / UNLOADED
    take_all(islice(visits, 2 * AT_A_TIME), at_a_time=AT_A_TIME)
    begin, began = tool.cpu(), time.perf_counter()
    together, errors = take_all(islice(visits, LOADED), at_a_time=AT_A_TIME)
    rate, cpu = LOADED / (time.perf_counter() - began), (tool.cpu() - begin) / LOADED
    median, p95 = statistics.median(alone), statistics.quantiles(together, n=20)[-1]
    mean, floor = statistics.mean(together), AT_A_TIME / CORES * cpu_alone / median
    print(f"  one at a time          median {median * 1000:.1f} ms, CPU {cpu_alone * 1000:.1f} ms")
    print(f"  {AT_A_TIME} at a time          p95 {p95 * 1000:.0f} ms, mean {mean * 1000:.0f}, CPU {cpu * 1000:.1f} ms")
    print(f"  launches a second      {rate:.0f}, errors {len(errors)} (target 0)")
    print(f"  p95 to unloaded median {p95 / median:.1f} (target {MOST_TIMES:.0f})")
    print(f"  by arithmetic          at least {floor:.1f} for the CPU of the web processes alone, on {CORES} cores")
    for error in errors[:3]:
        print(f"  {error}")


def take_all(visits: Iterable[Visit], *, at_a_time: int) -> tuple[list[float], list[Exception]]:
    with ThreadPoolExecutor(at_a_time) as pool:
        outcomes = list(pool.map(_taken, visits))
    return [one for one in outcomes if isinstance(one, float)], [one for one in outcomes if isinstance(one, Exception)]


def _taken(visit: Visit) -> float | Exception:
    try:
        return visit.take()
    except (LaunchFailed, HTTPException, OSError) as error:
        return error
