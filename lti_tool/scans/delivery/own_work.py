"""Hand a paper in as its student, with the student's own key (R78 b): look, act, look again.

What stands in Moodle decides the next step, never what was done before: so a double click, a reply that never came or
a killed worker leads to the same end. What somebody else put there is never written over.
"""

from datetime import timedelta
from enum import Enum

from lti_tool.db import now
from lti_tool.moodle.assignment_rules import AssignmentRules, find_rules
from lti_tool.moodle.client import MoodleClient
from lti_tool.moodle.handing_in import hand_in, save_work
from lti_tool.moodle.site import ask_site
from lti_tool.moodle.standing import SUBMITTED, Standing, standing_of
from lti_tool.scans.delivery.comparing import are_there
from lti_tool.scans.delivery.journal import Journal
from lti_tool.scans.delivery.parcels import Parcel
from lti_tool.scans.delivery.states import StepKind
from lti_tool.scans.delivery.targets import takes_pdf
from lti_tool.scans.delivery.verdicts import Verdict, blocked, confirmed, conflict

DRAFT_LIVES = timedelta(days=3)
"""Moodle clears draft areas after four days."""


class There(Enum):
    NOTHING = "nothing"
    OURS = "ours"
    OTHER = "other"


def deliver_work(client: MoodleClient, parcel: Parcel, journal: Journal) -> Verdict:
    """Bring the paper in as far as it is not yet; raises as the calls do."""
    if ask_site(client).user_id != parcel.user:
        return blocked("key_of_another")
    rules = find_rules(client, parcel.course, parcel.number)
    if rules is None:
        return blocked("assignment_gone")
    standing, there = _look(client, parcel, journal, StepKind.LOOKED)
    if verdict := _end(parcel, rules, standing, there):
        return verdict
    if there is There.NOTHING:
        draft = _draft(client, parcel, journal)
        journal.note(StepKind.SAVED)
        save_work(client, parcel.number, draft=draft, takes_text=rules.takes_text)
        standing, there = _look(client, parcel, journal, StepKind.READ_BACK)
        if there is not There.OURS:
            return _not_kept(there)
    if standing.status != SUBMITTED:
        journal.note(StepKind.HANDED_IN)
        hand_in(client, parcel.number, accepts_statement=parcel.accepts_statement)
        standing, there = _look(client, parcel, journal, StepKind.READ_BACK)
    if there is There.OURS and standing.status == SUBMITTED:
        return _is_in(standing)
    return blocked("not_handed_in")


def look_at_work(client: MoodleClient, parcel: Parcel) -> tuple[Standing, There]:
    """What lies in Moodle for this student now."""
    standing = standing_of(client, parcel.number, parcel.user)
    if not standing.files and not standing.text:
        return standing, There.NOTHING
    is_ours = not standing.text and are_there(client, standing.files, parcel.files)
    return standing, There.OURS if is_ours else There.OTHER


def _look(client: MoodleClient, parcel: Parcel, journal: Journal, step: StepKind) -> tuple[Standing, There]:
    standing, there = look_at_work(client, parcel)
    journal.note(step, f"{there.value}:{standing.status or 'none'}")
    return standing, there


def _end(parcel: Parcel, rules: AssignmentRules, standing: Standing, there: There) -> Verdict | None:
    """Where nothing is left to do, or nothing may be done."""
    if there is There.OURS and standing.status == SUBMITTED:
        return _is_in(standing)
    if there is There.OTHER or standing.status == SUBMITTED:
        return conflict("work_there")
    reason = _closed(parcel, rules, standing)
    return blocked(reason) if reason else None


def _closed(parcel: Parcel, rules: AssignmentRules, standing: Standing) -> str:
    """Why the assignment does not take the paper now; empty where it does."""
    at = now().timestamp()
    reasons = (
        ("assignment_team", rules.listed.is_team or standing.is_team),
        ("takes_no_files", not rules.takes_files or not takes_pdf(rules)),
        ("assignment_timed", rules.is_timed),
        ("file_too_large", 0 < rules.most_bytes < parcel.work.size),
        ("statement_needed", rules.needs_statement and not parcel.accepts_statement),
        ("locked", standing.is_locked),
        ("not_open_yet", rules.opens_at > at),
        ("cut_off", not standing.may_edit and 0 < rules.cut_off_at < at),
        ("closed", not standing.may_edit),
    )
    return next((reason for reason, is_so in reasons if is_so), "")


def _draft(client: MoodleClient, parcel: Parcel, journal: Journal) -> int:
    """The draft area that holds the file: the one of an earlier try while Moodle keeps it."""
    if parcel.draft and parcel.drafted_at and now() - parcel.drafted_at < DRAFT_LIVES:
        return parcel.draft
    journal.note(StepKind.UPLOADED, "begun")
    with parcel.work.path.open("rb") as stream:
        draft = client.upload(stream, parcel.work.name)
    journal.note(StepKind.UPLOADED, "kept", draft=draft, drafted_at=now())
    return draft


def _not_kept(there: There) -> Verdict:
    """Moodle skips in silence what is too large or of another kind."""
    return conflict("work_there") if there is There.OTHER else blocked("not_kept")


def _is_in(standing: Standing) -> Verdict:
    return confirmed(attempt=standing.attempt, changed_at=standing.changed_at)
