"""The student's own key for Moodle's web services, lent for handing in one paper (R78 b).

It is shown to nobody, written to no log, kept encrypted for a day at most, and forgotten once the paper is in. Whose
it is says Moodle itself; nobody hands in for anybody else.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from lti_tool.accounts import audit
from lti_tool.accounts.models import Course, Person
from lti_tool.accounts.moodle_courses import access_with
from lti_tool.accounts.viewer import Viewer
from lti_tool.db import now
from lti_tool.errors import InvalidInput, NotFound
from lti_tool.moodle.client import Connect, MoodleAccess, MoodleClient, guarded
from lti_tool.moodle.functions import HANDING_IN, unlocking
from lti_tool.moodle.site import MoodleSite, ask_site
from lti_tool.moodle.tokens import checked_token
from lti_tool.runtime import Runtime
from lti_tool.scans.delivery.arranging import arrange, change
from lti_tool.scans.delivery.models import Delivery, DeliveryTarget, LentKey
from lti_tool.scans.delivery.packing import is_moodle
from lti_tool.scans.delivery.states import FOR_A_PERSON, KEY_NEEDED, DeliveryState, Kind, Mode
from lti_tool.scans.delivery.targets import active_target
from lti_tool.scans.exam import exam_of
from lti_tool.scans.papers import is_claimed

LIFE = timedelta(hours=24)


@dataclass(frozen=True, kw_only=True)
class OwnDelivery:
    """The viewer's own paper on its way to an assignment."""

    target: DeliveryTarget
    delivery: Delivery
    key_until: datetime | None
    is_key_wanted: bool


def own_work(session: Session, viewer: Viewer) -> OwnDelivery:
    """What the viewer may hand in with a key of their own; raises NotFound."""
    target = _target(session, viewer)
    arrange(session, target)
    found = find_own_delivery(session, target, viewer.person_id)
    if found is None:
        raise NotFound("no_delivery", "Confirm your paper first.")
    lent = _lent(session, target, viewer.person_id)
    is_wanted = found.state in FOR_A_PERSON or found.state == DeliveryState.SETTLED
    return OwnDelivery(
        target=target, delivery=found, key_until=lent.expires_at if lent else None, is_key_wanted=is_wanted
    )


def _target(session: Session, viewer: Viewer) -> DeliveryTarget:
    target = active_target(session, exam_of(session, viewer).id)
    if target is None or target.mode != Mode.HAND_IN:
        raise NotFound("no_target", "The papers of this exam are not handed in to Moodle.")
    return target


def find_own_delivery(session: Session, target: DeliveryTarget, person_id: int) -> Delivery | None:
    """The latest delivery of a person's paper that is not withdrawn."""
    return session.scalar(
        select(Delivery)
        .where(
            Delivery.target_id == target.id,
            Delivery.person_id == person_id,
            Delivery.state != DeliveryState.WITHDRAWN,
        )
        .order_by(Delivery.created_at.desc(), Delivery.id)
        .limit(1)
    )


def lend_key(
    runtime: Runtime,
    session: Session,
    viewer: Viewer,
    text: str,
    *,
    accepts_statement: bool,
    connect: Connect = guarded,
) -> None:
    """Ask Moodle whose the key is, keep it, and hand in. Raises InvalidInput, NotFound, or as the call does."""
    token = checked_token(text)
    site = _ask(runtime, _access(session, viewer, token), connect)
    # Only now: what follows holds locks, and Moodle may be slow.
    own = own_work(session, viewer)
    _require_own(session, viewer, site)
    if not is_claimed(session, own.delivery.paper):
        raise InvalidInput("header_first", "Look at the header first, and say whether it is yours.")
    if own.target.statement and not accepts_statement:
        raise InvalidInput("statement_needed", "Moodle asks for your agreement to this statement before you hand in.")
    if own.delivery.state != DeliveryState.CONFIRMED:
        _keep(runtime, session, viewer, own.target, token, accepts_statement=accepts_statement)
        _queue(session, viewer, own.delivery)


def hand_in_again(session: Session, viewer: Viewer) -> None:
    """With the key that was lent before; raises NotFound where there is none."""
    own = own_work(session, viewer)
    if own.key_until is None or own.key_until <= now():
        raise NotFound("no_key", "There is no key of yours here any more.")
    _queue(session, viewer, own.delivery)


def revoke_key(session: Session, viewer: Viewer) -> bool:
    """Forget the viewer's key at once, also while it is in use; whether there was one."""
    target = active_target(session, exam_of(session, viewer).id)
    if target is None:
        return False
    was = session.execute(
        delete(LentKey)
        .where(LentKey.target_id == target.id, LentKey.person_id == viewer.person_id)
        .returning(LentKey.id)
    ).first()
    for delivery in _waiting(session, target, viewer.person_id):
        change(session, delivery, DeliveryState.BLOCKED, KEY_NEEDED, by_id=viewer.person_id)
    if was is not None:
        _tell(session, viewer, target, "scans.key_revoked")
    return was is not None


def forget_old_keys(session: Session) -> int:
    """Delete keys whose day is over; how many."""
    old = session.execute(delete(LentKey).where(LentKey.expires_at <= now()).returning(LentKey.id)).all()
    return len(old)


def _access(session: Session, viewer: Viewer, token: str) -> MoodleAccess:
    """No key is tried where nothing could be handed in with it."""
    _target(session, viewer)
    course = session.get_one(Course, viewer.course_id)
    if not is_moodle(course):
        raise NotFound("no_moodle", "This course is not in Moodle.")
    return access_with(course.deployment.registration, token, course.id)


def _ask(runtime: Runtime, access: MoodleAccess, connect: Connect) -> MoodleSite:
    with MoodleClient(runtime.engine, access, connect=connect) as client:
        return ask_site(client)


def _require_own(session: Session, viewer: Viewer, site: MoodleSite) -> None:
    if str(site.user_id) != session.get_one(Person, viewer.person_id).sub:
        raise InvalidInput("key_of_another", "This key belongs to somebody else. You can hand in for yourself alone.")
    lacking = unlocking(HANDING_IN, site.functions, may_download=site.may_download, may_upload=site.may_upload)
    if not lacking.works:
        raise InvalidInput(
            "key_too_weak", "With this key nothing can be handed in. Use the key of the Moodle mobile web service."
        )


def _keep(
    runtime: Runtime,
    session: Session,
    viewer: Viewer,
    target: DeliveryTarget,
    token: str,
    *,
    accepts_statement: bool,
) -> None:
    at = now()
    kept = _lent(session, target, viewer.person_id) or LentKey(target_id=target.id, person_id=viewer.person_id)
    kept.key_encrypted, kept.accepts_statement = runtime.secrets.encrypt(token), accepts_statement
    kept.created_at, kept.expires_at = at, at + LIFE
    session.add(kept)
    session.flush()
    _tell(session, viewer, target, "scans.key_lent")


def _queue(session: Session, viewer: Viewer, delivery: Delivery) -> None:
    """A second click finds it queued already; what a worker holds goes on."""
    session.refresh(delivery, with_for_update={"of": Delivery})
    if delivery.state in FOR_A_PERSON or delivery.state in {DeliveryState.RETRY, DeliveryState.SETTLED}:
        change(session, delivery, DeliveryState.QUEUED, by_id=viewer.person_id)


def _lent(session: Session, target: DeliveryTarget, person_id: int) -> LentKey | None:
    return session.scalar(select(LentKey).where(LentKey.target_id == target.id, LentKey.person_id == person_id))


def _waiting(session: Session, target: DeliveryTarget, person_id: int) -> list[Delivery]:
    waiting = select(Delivery).where(
        Delivery.target_id == target.id,
        Delivery.person_id == person_id,
        Delivery.kind == Kind.WORK,
        Delivery.state.in_([DeliveryState.QUEUED, DeliveryState.RETRY]),
    )
    return list(session.scalars(waiting.with_for_update(of=Delivery)))


def _tell(session: Session, viewer: Viewer, target: DeliveryTarget, action: str) -> None:
    audit.by(session, viewer, action, object_type="placement", object_id=target.placement_id)
