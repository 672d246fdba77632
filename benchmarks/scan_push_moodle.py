"""The same pile as files of a Moodle assignment, whose web services fail at random (for benchmarks/scan_push.py).

Handed in with each student's own key, with drafts and without, and as feedback files by the course's token. Doubled
is what Moodle would tell somebody of twice; lost is a file that does not lie there, byte for byte, at the end.
"""

import hashlib
import os
import random
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from typing import Any

from sqlalchemy import select, text

from lti_tool.accounts.models import Person, PlacementKind
from lti_tool.accounts.viewer import Viewer
from lti_tool.db import engine_for, now, transaction
from lti_tool.moodle.tokens import keep_token
from lti_tool.runtime import Runtime
from lti_tool.scans.delivery.keys import lend_key
from lti_tool.scans.delivery.models import Delivery
from lti_tool.scans.delivery.outbox import deliver_due
from lti_tool.scans.delivery.states import DUE, FOR_A_PERSON, DeliveryState, Mode
from lti_tool.scans.delivery.targets import choose_target
from lti_tool.scans.models import Paper
from tests.fakes.moodle import TOKEN, FakeMoodle
from tests.fixtures.moodle import place_in
from tests.fixtures.people import House
from tests.scans.delivery.conftest import handed_over

HAND_IN_FUNCTIONS = ("mod_assign_save_submission", "mod_assign_submit_for_grading")
DONE = frozenset({DeliveryState.CONFIRMED, *FOR_A_PERSON})
WAYS = {
    "handed in, drafts on": (Mode.HAND_IN, {"submissiondrafts": 1}),
    "handed in, drafts off": (Mode.HAND_IN, {"submissiondrafts": 0}),
    "feedback file": (Mode.FEEDBACK, {}),
}


@dataclass(frozen=True, kw_only=True)
class Lies:
    """What lies in one assignment: the hashes of each user's files, and how often somebody would have heard of them."""

    hashes: dict[int, list[str]]
    told: dict[int, int]
    calls: Counter[str]


class FailingMoodle(FakeMoodle):
    """A connection breaks with a chance, half of the time after the call had its effect."""

    chance = 0.0

    def __init__(self, luck: random.Random) -> None:
        super().__init__()
        self.luck = luck
        self.functions += HAND_IN_FUNCTIONS

    def breaks_at(self, function: str, moment: str) -> bool:
        return self.luck.random() < self.chance / 2

    def lies(self, number: int) -> Lies:
        each = next(one for one in self.assignments_here if one.number == number)
        lying = {work.user: work.files for work in each.works if work.status == "submitted"} | each.feedback
        told = Counter(int(form["userid"]) for form in each.saved)
        told.update({work.user: 1 for work in each.works if work.status == "submitted"})
        # Moodle's receipts are counted for the assignment: what exceeds one for each is somebody's second.
        extra = max(0, each.receipts - len(each.works))
        told.update({0: 1 + extra} if extra else {})
        return Lies(
            hashes={user: [self._hash(file) for file in files] for user, files in lying.items()},
            told=dict(told),
            calls=self.counted,
        )

    def _hash(self, file: dict[str, Any]) -> str:
        path = "/" + file["fileurl"].split("/", 3)[3].partition("?")[0]
        return hashlib.sha256(self.files[path][0]).hexdigest()


def serve_moodle(pipe: Connection, seed: int) -> None:
    """Moodle in a process of its own; a caller that is killed in the middle of its words is no news."""
    sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115  # for the life of the process
    with FailingMoodle(random.Random(seed)) as moodle:
        pipe.send(moodle.url)
        while (order := pipe.recv()) is not None:
            name, value = order
            if name == "chance":
                moodle.chance = value
            elif name == "keys":
                moodle.tokens |= value
            elif name == "assign":
                moodle.calls.clear()
                pipe.send(moodle.assign(name="Written exam", **value).number)
            elif name == "count":
                pipe.send(len(moodle.calls))
            else:
                pipe.send(moodle.lies(value))


class MoodleStand:
    """The papers of the pile on the marking desk, and a Moodle for them."""

    def __init__(self, runtime: Runtime, house: House, teacher: Viewer, people: Sequence[Person], pipe: Connection):
        self.runtime, self.teacher, self.people, self.pipe = runtime, teacher, people, pipe
        url: str = pipe.recv()
        self.keys = {person.id: hashlib.md5(person.sub.encode()).hexdigest() for person in people}
        pipe.send(("keys", {self.keys[person.id]: int(person.sub) for person in people}))
        with transaction(runtime.engine) as session:
            house.session = session
            house.platform, house.registration = session.merge(house.platform), session.merge(house.registration)
            house.course = session.merge(house.course)
            place_in(house, url)
            keep_token(session, runtime.secrets, TOKEN, platform_id=house.platform.id, course_id=house.course.id)
            exam = session.merge(house.placements[PlacementKind.EXAM])
            papers = session.scalars(select(Paper).where(Paper.placement_id == exam.id)).all()
            found = {paper.person_id: handed_over(session, runtime, house, paper).sha256 for paper in papers}
        self.hashes = {int(person.sub): str(found[person.id]) for person in people}

    def begin(self, mode: Mode, record: dict[str, int], student: Viewer) -> int:
        """A new assignment takes the papers; where students hand in, each lends the key."""
        self.pipe.send(("chance", 0.0))
        self.pipe.send(("assign", record))
        number: int = self.pipe.recv()
        with transaction(self.runtime.engine) as session:
            choose_target(self.runtime, session, self.teacher, number, mode)
        for person in self.people if mode is Mode.HAND_IN else ():
            with transaction(self.runtime.engine) as session:
                viewer = replace(student, person_id=person.id)
                lend_key(self.runtime, session, viewer, self.keys[person.id], accepts_statement=False)
        return number

    def states(self) -> dict[int, tuple[DeliveryState, int]]:
        """By user: how the newest delivery stands, and how often it was tried."""
        with transaction(self.runtime.engine) as session:
            rows = session.execute(
                select(Person.sub, Delivery.state, Delivery.tries)
                .join(Person, Person.id == Delivery.person_id)
                .where(Delivery.state != DeliveryState.WITHDRAWN)
                .order_by(Delivery.target_id)
            )
            return {int(sub): (DeliveryState(state), tries) for sub, state, tries in rows}

    def is_anything_due(self) -> bool:
        due = (Delivery.state == DeliveryState.RUNNING) | (Delivery.state.in_(DUE) & (Delivery.next_try_at <= now()))
        with transaction(self.runtime.engine) as session:
            return session.scalar(select(Delivery.id).where(due).limit(1)) is not None

    def let_time_pass(self) -> None:
        """No worker lives: what they held is free, and what waited for its next try is due."""
        with transaction(self.runtime.engine) as session:
            session.execute(text("UPDATE delivery SET leased_until = now() - interval '1 s' WHERE state = 'running'"))
            session.execute(text("UPDATE delivery SET next_try_at = now() WHERE state = 'retry'"))

    def lies(self, number: int) -> Lies:
        self.pipe.send(("lies", number))
        found: Lies = self.pipe.recv()
        return found


def deliver_for_ever(url: str, runtime: Runtime) -> None:
    """What a worker does, in a process that may be killed at any moment."""
    own = replace(runtime, engine=engine_for(url))
    while True:
        deliver_due(own)
