"""Who may give, check and take away which token: teachers their course's own, administrators the whole platform's.

A token is tried before it is kept, and is never shown again.
"""

from sqlalchemy.orm import Session

from lti_tool.accounts.audit.log import record
from lti_tool.accounts.capabilities import Capability
from lti_tool.accounts.moodle_courses import access_with
from lti_tool.accounts.viewer import Viewer
from lti_tool.errors import NotFound
from lti_tool.lti.models import Registration
from lti_tool.moodle.client import Connect, MoodleClient, guarded
from lti_tool.moodle.site import MoodleSite, ask_site
from lti_tool.moodle.tokens import checked_token, find_token, forget_token, keep_token
from lti_tool.runtime import Runtime


def has_token(session: Session, viewer: Viewer, course_id: int | None) -> bool:
    """Whether there is a token of exactly this level."""
    registration = _registration(session, viewer, course_id)
    return find_token(session, platform_id=registration.platform_id, course_id=course_id) is not None


def try_and_keep_token(
    runtime: Runtime,
    session: Session,
    viewer: Viewer,
    course_id: int | None,
    token: str,
    *,
    connect: Connect = guarded,
) -> MoodleSite:
    """Ask Moodle about the token, then keep it; raises as the call does, and keeps nothing then."""
    registration = _registration(session, viewer, course_id)
    token = checked_token(token)
    site = _ask(runtime, registration, token, course_id, connect)
    keep_token(session, runtime.secrets, token, platform_id=registration.platform_id, course_id=course_id)
    _audit(session, viewer, "moodle_token.set", course_id)
    return site


def try_kept_token(
    runtime: Runtime, session: Session, viewer: Viewer, course_id: int | None, *, connect: Connect = guarded
) -> MoodleSite:
    """Ask Moodle what the kept token unlocks now; raises as the call does."""
    registration = _registration(session, viewer, course_id)
    kept = find_token(session, platform_id=registration.platform_id, course_id=course_id)
    if kept is None:
        raise NotFound("token_unknown", "There is no token yet.")
    return _ask(runtime, registration, runtime.secrets.decrypt(kept.token_encrypted), course_id, connect)


def take_token_away(session: Session, viewer: Viewer, course_id: int | None) -> None:
    """Forget the token; what was read with it stays until somebody deletes it."""
    registration = _registration(session, viewer, course_id)
    if forget_token(session, platform_id=registration.platform_id, course_id=course_id):
        _audit(session, viewer, "moodle_token.removed", course_id)


def _ask(
    runtime: Runtime, registration: Registration, token: str, course_id: int | None, connect: Connect
) -> MoodleSite:
    with MoodleClient(runtime.engine, access_with(registration, token, course_id), connect=connect) as client:
        return ask_site(client)


def _registration(session: Session, viewer: Viewer, course_id: int | None) -> Registration:
    viewer.require(Capability.ADMINISTER if course_id is None else Capability.MANAGE)
    if course_id not in (None, viewer.course_id):
        raise NotFound("course_unknown")
    return session.get_one(Registration, viewer.registration_id)


def _audit(session: Session, viewer: Viewer, action: str, course_id: int | None) -> None:
    record(
        session,
        action,
        course_id=course_id,
        actor_id=viewer.person_id,
        actor_role=viewer.role,
        object_type="platform" if course_id is None else "course",
        object_id=viewer.registration_id if course_id is None else course_id,
    )
