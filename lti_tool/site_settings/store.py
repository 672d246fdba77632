"""Reading and changing settings: a course's value beats the site's, the site's beats the default.

Nothing is cached, so a change counts from the next read on every node. Whoever changes a setting audits the `Change`
it gets back: accounts and their audit lie above this package.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Row, bindparam, delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from lti_tool.db import columns
from lti_tool.errors import InvalidInput
from lti_tool.secrets import Secrets
from lti_tool.site_settings.models import SettingValue
from lti_tool.site_settings.setting import SecretSetting, Setting

T = TypeVar("T")

# Nearly every request asks these. Without a course its part is `course_id = NULL`, which is true of no row.
IN_FORCE = SettingValue.course_id.is_(None) | (SettingValue.course_id == bindparam("course_id"))
VALUES = select(SettingValue.key, SettingValue.course_id, SettingValue.value, SettingValue.encrypted).where(IN_FORCE)
VALUE = (
    select(SettingValue.value)
    .where(SettingValue.key == bindparam("key"), IN_FORCE)
    .order_by(SettingValue.course_id.nulls_last())
    .limit(1)
)


@dataclass(frozen=True, kw_only=True)
class Change:
    """What a write did, in the words of the form; a secret is only said to be set or not."""

    key: str
    course_id: int | None
    before: str
    after: str


class Snapshot:
    """All values of the site and of one course, read in one query: for a caller that needs many."""

    def __init__(self, rows: Sequence[Row[tuple[str, int | None, Any, str | None]]], course_id: int | None) -> None:
        self.course_id = course_id
        self._site = {row.key: row for row in rows if row.course_id is None}
        self._course = {row.key: row for row in rows if row.course_id is not None}

    def read(self, setting: Setting[T]) -> T:
        """The value in force."""
        row = (self._course.get(setting.key) if setting.in_courses else None) or self._site.get(setting.key)
        return setting.default if row is None else setting.kind.load(row.value)

    def find_of_site(self, setting: Setting[T]) -> T | None:
        """The value set for the site, whatever the course says."""
        row = self._site.get(setting.key)
        return None if row is None else setting.kind.load(row.value)

    def find_of_course(self, setting: Setting[T]) -> T | None:
        """The value set for this very course."""
        row = self._course.get(setting.key)
        return None if row is None else setting.kind.load(row.value)

    def secret(self, setting: SecretSetting, secrets: Secrets) -> str:
        """The secret in the clear, for the call that needs it; empty if it is not set."""
        row = self._site.get(setting.key)
        return secrets.decrypt(row.encrypted) if row and row.encrypted else ""


def snapshot(session: Session, course_id: int | None = None) -> Snapshot:
    """Every value in force for a course, or for the site."""
    return Snapshot(columns(session, VALUES, {"course_id": course_id}).all(), course_id)


def read(session: Session, setting: Setting[T], course_id: int | None = None) -> T:
    """The value in force for a course, or for the site."""
    level = course_id if setting.in_courses else None
    stored = columns(session, VALUE, {"key": setting.key, "course_id": level}).one_or_none()
    return setting.default if stored is None else setting.kind.load(stored[0])


def find_own(session: Session, setting: Setting[T], course_id: int | None = None) -> T | None:
    """The value set at exactly this level, if any."""
    stored = session.execute(select(SettingValue.value).where(_at(setting.key, course_id))).one_or_none()
    return None if stored is None else setting.kind.load(stored[0])


def version_of(session: Session, setting: Setting[T], course_id: int | None = None) -> int:
    """How often the value of this level was changed; 0 while the default is in force."""
    return session.scalar(select(SettingValue.version).where(_at(setting.key, course_id))) or 0


def write(session: Session, setting: Setting[T], value: T, *, course_id: int | None = None) -> Change | None:
    """Set the value of the site or of a course; None if that changes nothing."""
    if course_id is not None and not setting.in_courses:
        raise InvalidInput("setting_of_site", "%(key)s cannot be set for a course.", {"key": setting.key})
    checked = setting.kind.parse(setting.kind.show(value))
    before = find_own(session, setting, course_id)
    if before == checked:
        return None
    _upsert(session, setting.key, course_id, value=setting.kind.dump(checked))
    shown = "" if before is None else setting.kind.show(before)
    return Change(key=setting.key, course_id=course_id, before=shown, after=setting.kind.show(checked))


def clear(session: Session, setting: Setting[T], *, course_id: int | None = None) -> Change | None:
    """Go back to the value above: the site's, or the default; None if there was nothing to clear."""
    before = find_own(session, setting, course_id)
    if before is None:
        return None
    _delete(session, setting.key, course_id)
    return Change(key=setting.key, course_id=course_id, before=setting.kind.show(before), after="")


def has_secret(session: Session, setting: SecretSetting) -> bool:
    """Whether the secret is set; all that a page may know."""
    return session.scalar(select(SettingValue.id).where(_at(setting.key, None))) is not None


def write_secret(session: Session, setting: SecretSetting, text: str, *, secrets: Secrets) -> Change | None:
    """Set the secret, or remove it with an empty text; None if there was none to remove."""
    had_one = has_secret(session, setting)
    text = text.strip()
    if len(text) > setting.most:
        raise InvalidInput("setting_malformed", "This must have at most %(most)s characters.", {"most": setting.most})
    if text:
        _upsert(session, setting.key, None, encrypted=secrets.encrypt(text))
    elif had_one:
        _delete(session, setting.key, None)
    else:
        return None
    return Change(
        key=setting.key, course_id=None, before="set" if had_one else "not set", after="set" if text else "not set"
    )


def _is_site() -> ColumnElement[bool]:
    return SettingValue.course_id.is_(None)


def _at(key: str, course_id: int | None) -> ColumnElement[bool]:
    level = _is_site() if course_id is None else SettingValue.course_id == course_id
    return (SettingValue.key == key) & level


def _delete(session: Session, key: str, course_id: int | None) -> None:
    session.execute(delete(SettingValue).where(_at(key, course_id)).execution_options(synchronize_session=False))


def _upsert(session: Session, key: str, course_id: int | None, **columns: object) -> None:
    """Two people who save at once both succeed, the later value stays, and both are counted."""
    is_site = course_id is None
    session.execute(
        insert(SettingValue)
        .values(key=key, course_id=course_id, **columns)
        .on_conflict_do_update(
            index_elements=["key"] if is_site else ["course_id", "key"],
            index_where=_is_site() if is_site else SettingValue.course_id.is_not(None),
            set_={**columns, "version": SettingValue.version + 1, "changed_at": func.now()},
        )
    )
