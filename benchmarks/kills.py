"""kill -9 of web and worker at random moments while people use the whole tool: nothing promised is lost (targets.md).

    python -m benchmarks.kills [--kills 20] [--seed 1]

PostgreSQL, course site, gunicorn with two workers, the jobs worker and a scripted model server really run; students
ask and hand in, a secretary uploads scans, a teacher approves grades, all through forms and the socket. Kills hit the
web server as a whole, one of its workers, or the jobs worker. Afterwards every answer that somebody got is compared
with database, disk and course site. Exits 1 when something is lost, doubled, or stored in part.

After the kills the trial waits for the leases of the dead to run out. `is_hurried`, for the suite, moves them into the
past instead, only those that a process that is dead now has taken; and no print is read on papers.
"""

import argparse
import math
import random
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import ColumnElement, func, select, text, update

from benchmarks.kills_check import Findings, check
from benchmarks.kills_installation import Installation, Target, register_number
from benchmarks.kills_people import SUBJECT, TRIES, Actor, Kind, Ledger, Marker, Secretary, Student
from lti_tool.accounts.models import PlacementKind
from lti_tool.database_check import check_database
from lti_tool.db import engine_for, transaction
from lti_tool.demo.joining import TEACHER
from lti_tool.embedded_postgres import EmbeddedPostgres
from lti_tool.gradebook.models import Push, PushStatus
from lti_tool.gradebook.outbox import LEASE
from lti_tool.gradebook.tasks import nudge
from lti_tool.migrate import upgrade
from lti_tool.scans.handover.handing_over import papers_to_hand_over
from lti_tool.tutor.models import OPEN_STATES, Turn

SECRETARY = "nora"
SECONDS_OF_AN_ANSWER = 2
UNSETTLED = (PushStatus.TODO, PushStatus.DOING)
COLUMNS = ("sent", "cut_off", "acknowledged", "refused", "stored", "lost", "doubled", "in_pieces", "against_refusal")


@dataclass(frozen=True, kw_only=True)
class Plan:
    """How much of it: the suite runs the same with little."""

    kills: int = 20
    targets: tuple[Target, ...] = tuple(Target)
    students: int = 6
    finished: int = 4
    papers: int = 60
    seed: int = 1
    pause: tuple[float, float] = (0.5, 2.5)
    is_hurried: bool = False


class Trial:
    """The people, the kills, and the peace afterwards."""

    def __init__(self, installation: Installation, plan: Plan) -> None:
        self.installation, self.plan = installation, plan
        self.chance = random.Random(plan.seed)
        self.ledger = Ledger()
        self.stopping = threading.Event()
        self.killed: dict[Target, int] = dict.fromkeys(Target, 0)

    def run(self) -> Findings:
        """Everything, from the first launch to the table."""
        self.installation.start(max(self.plan.papers, self.plan.students + self.plan.finished))
        self._seat()
        people = [threading.Thread(target=actor.act, args=[self.stopping]) for actor in self._actors]
        for person in people:
            person.start()
        self._kill()
        self.stopping.set()
        for person in people:
            person.join()
        self._settle()
        return check(self.installation, self.ledger)

    def _seat(self) -> None:
        """Everybody launches once; some hand in before the first kill, so that their work can be marked."""
        store, ledger = self.installation.site.store, self.ledger
        everybody = [Student(store, f"s{number}", ledger, self._own_chance()) for number in range(self._students)]
        for student in everybody:
            student.sit(PlacementKind.TUTOR, PlacementKind.ACTIVITY)
        self.students, done = everybody[: self.plan.students], everybody[self.plan.students :]
        for student in done:
            student.hand_in()
        numbers = range(self.plan.papers)
        names = [f"{register_number(number)}_{SUBJECT}.pdf" for number in numbers]
        finished = {f"Student Number {number}" for number in range(self.plan.students, self._students)}
        self.secretary = Secretary(store, SECRETARY, ledger, self._own_chance(), names)
        self.marker = Marker(store, TEACHER, ledger, self._own_chance(), finished)
        self.secretary.sit(PlacementKind.EXAM)
        self.marker.sit(PlacementKind.EXAM, PlacementKind.ACTIVITY)
        self.secretary.post(PlacementKind.EXAM, "/scans/staff/subject", {"code": SUBJECT})
        self.secretary.post(PlacementKind.EXAM, "/scans/marking/from", {"from": "released"})
        self._actors: list[Student | Secretary | Marker] = [*self.students, self.secretary, self.marker]

    @property
    def _students(self) -> int:
        return self.plan.students + self.plan.finished

    def _own_chance(self) -> random.Random:
        return random.Random(self.chance.random())

    def _kill(self) -> None:
        """Each target about as often as the others, at moments nobody chose."""
        targets = list(self.plan.targets) * math.ceil(self.plan.kills / len(self.plan.targets))
        self.chance.shuffle(targets)
        for target in targets[: self.plan.kills]:
            time.sleep(self.chance.uniform(*self.plan.pause))
            self.installation.strike(target, self.chance.random())
            self.killed[target] += 1
        self.installation.wait_until(self._is_worth_it, "people got hardly anything done")

    def _is_worth_it(self) -> bool:
        """Or the trial shows nothing: every kind of promise was given."""
        return all(any(sent.is_acknowledged for sent in self.ledger.of(kind)) for kind in Kind)

    def _settle(self) -> None:
        """What was promised is finished by those who live; what the dead had taken, when their leases end."""
        self.installation.wait_for_web()
        time.sleep(SECONDS_OF_AN_ANSWER)
        if self.plan.is_hurried:
            self._let_leases_end()
        wait = self.installation.wait_until
        wait(lambda: not self._count(Turn.lease_until > func.now()), "turns stay open")
        for student in self.students:
            self._retry(student)
        wait(lambda: not self._count(Turn.state.in_(OPEN_STATES)), "turns that were tried again stay open")
        wait(lambda: not self._count(Push.status.in_(UNSETTLED)), "grades stay unsent", 300)
        wait(self._is_all_on_the_desk, "papers stay off the desk", 300)

    def _let_leases_end(self) -> None:
        """As time would. Whoever lives has finished an answer by now, and holds no lease from before its start."""
        past = func.now() - text("interval '1 second'")
        begun = self.installation.started["worker"] + LEASE
        with transaction(self.installation.engine) as session:
            session.execute(update(Turn).where(Turn.state.in_(OPEN_STATES)).values(lease_until=past))
            session.execute(update(Push).where(Push.leased_until < begun).values(leased_until=past))
            nudge(session)

    def _retry(self, student: Actor) -> None:
        """Open the page, which ends what a dead node left, and press the button of a last turn that failed."""
        tries = (student.read(PlacementKind.TUTOR, "/tutor/") for _ in range(TRIES))
        page = next(filter(None, tries), None)
        forms = page.select("form[action$='/retry']:not([hidden])") if page else []
        for form in forms:
            path = str(form["action"]).split("/", 3)[3]
            answer = student.post(PlacementKind.TUTOR, f"/{path}", {})
            if answer is None or answer.status_code != 303:
                self.ledger.defects.append(f"a failed turn could not be tried again: {answer}")

    def _is_all_on_the_desk(self) -> bool:
        with transaction(self.installation.engine) as session:
            return not papers_to_hand_over(session)

    def _count(self, condition: ColumnElement[bool]) -> int:
        with transaction(self.installation.engine) as session:
            return session.scalar(select(func.count()).where(condition)) or 0


def run_trial(url: str, folder: Path, plan: Plan) -> Findings:
    """On an empty database with the current schema."""
    trial = Trial(Installation(url, folder, reads_print=not plan.is_hurried), plan)
    try:
        findings = trial.run()
    finally:
        trial.installation.stop()
    hits = ", ".join(f"{count} x {target}" for target, count in trial.killed.items())
    findings.facts.insert(0, f"kills: {hits}")
    return findings


def as_table(findings: Findings) -> str:
    heads = [name.replace("_", " ") for name in COLUMNS]
    lines = [f"{'':26}" + "".join(f"{head:>17}" for head in heads)]
    for row in findings.rows:
        lines.append(f"{row.name:26}" + "".join(f"{getattr(row, name):>17}" for name in COLUMNS))
    return "\n".join([*lines, "", *findings.facts, *findings.complaints])


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="lectern-kills-") as made:
        folder = Path(made)
        # The database runs as another user when we are root.
        folder.chmod(0o711)
        with EmbeddedPostgres.start(folder / "database") as server:
            engine = engine_for(server.url)
            check_database(engine)
            upgrade(engine)
            engine.dispose()
            findings = run_trial(server.url, folder, Plan(kills=options.kills, seed=options.seed))
    print(as_table(findings))
    print("\nNothing was lost, doubled or stored in part." if findings.is_good else "\nFAILED")
    return 0 if findings.is_good else 1


if __name__ == "__main__":
    sys.exit(main())
