"""Saving a form of settings: all of it or nothing, each change under audit (R163, R193)."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from lti_tool.accounts.audit import record
from lti_tool.accounts.viewer import Viewer
from lti_tool.administration.settings.fields import AnySetting, Level
from lti_tool.errors import InvalidInput
from lti_tool.secrets import Secrets
from lti_tool.site_settings.setting import SecretSetting
from lti_tool.site_settings.store import Change, clear, read, write, write_secret

LONGEST_IN_AUDIT = 200


@dataclass(frozen=True, kw_only=True)
class Saved:
    """What a form came to; with a fault nothing of it may be kept."""

    changes: list[Change] = field(default_factory=list)
    faults: dict[str, InvalidInput] = field(default_factory=dict)


def save_fields(
    session: Session, viewer: Viewer, level: Level, values: Mapping[str, str], *, secrets: Secrets
) -> Saved:
    """Write the values that differ from those in force; faults are by key."""
    saved = Saved()
    for key, text in values.items():
        setting = level.setting(key)
        try:
            change = _save(session, level, setting, text, secrets)
        except InvalidInput as error:
            saved.faults[key] = error
            continue
        if change is not None:
            saved.changes.append(change)
    if not saved.faults:
        for change in saved.changes:
            audit_change(session, viewer, change)
    return saved


def reset_field(session: Session, viewer: Viewer, level: Level, key: str) -> None:
    """Go back to the default, or in a course to the site's value; a secret is removed."""
    setting = level.setting(key)
    if isinstance(setting, SecretSetting):
        raise InvalidInput("setting_malformed", "A secret has no default.")
    change = clear(session, setting, course_id=level.course_id)
    if change is not None:
        audit_change(session, viewer, change)


def remove_secret(session: Session, viewer: Viewer, setting: SecretSetting, secrets: Secrets) -> None:
    """Forget a secret."""
    change = write_secret(session, setting, "", secrets=secrets)
    if change is not None:
        audit_change(session, viewer, change)


def audit_change(session: Session, viewer: Viewer, change: Change) -> None:
    """Who changed what to what; a long text is recorded by its digest."""
    record(
        session,
        "setting.changed",
        course_id=change.course_id,
        actor_id=viewer.person_id,
        actor_role=viewer.role,
        object_type="setting",
        object_id=change.key,
        details={"before": _short(change.before), "after": _short(change.after)},
    )


def _save(session: Session, level: Level, setting: AnySetting, text: str, secrets: Secrets) -> Change | None:
    if isinstance(setting, SecretSetting):
        # An empty field means "leave it": the page cannot show what is there.
        return write_secret(session, setting, text, secrets=secrets) if text.strip() else None
    value = setting.kind.parse(text)
    if value == read(session, setting, level.course_id):
        return None
    return write(session, setting, value, course_id=level.course_id)


def _short(text: str) -> str:
    if len(text) <= LONGEST_IN_AUDIT:
        return text
    return f"{len(text)} characters, sha256 {hashlib.sha256(text.encode()).hexdigest()}"
