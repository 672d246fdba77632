"""What a settings page shows of each setting; a secret is only said to be set or not."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from lti_tool.errors import InvalidInput
from lti_tool.site_settings.catalogue import CATALOGUE
from lti_tool.site_settings.kinds import Fraction, OneOf, Text, Whole
from lti_tool.site_settings.setting import Group, SecretSetting, Setting
from lti_tool.site_settings.store import has_secret, read, snapshot

AnySetting = Setting[Any] | SecretSetting


@dataclass(frozen=True, kw_only=True)
class Field:
    """One setting in a form."""

    key: str
    group: Group
    label: str
    help: str
    widget: str
    value: str = ""
    inherited: str = ""
    is_own: bool = False
    choices: tuple[str, ...] = ()
    least: str = ""
    most: str = ""
    fault: InvalidInput | None = None


@dataclass(frozen=True, kw_only=True)
class Level:
    """Where settings are changed: the site, or one course, which has fewer."""

    course_id: int | None = None

    def settings(self) -> list[AnySetting]:
        """Those that may be changed here; the switches of the site have a page of their own."""
        if self.course_id is None:
            return [each for each in CATALOGUE if each.group is not Group.SWITCHES]
        return [each for each in CATALOGUE if isinstance(each, Setting) and each.in_courses]

    def setting(self, key: str) -> AnySetting:
        """Raises InvalidInput for a key that does not exist or is not changed here."""
        found = CATALOGUE.get(key)
        if found not in self.settings():
            raise InvalidInput("setting_elsewhere", "%(key)s is not set here.", {"key": key})
        return found


def fields_of(
    session: Session,
    level: Level,
    *,
    typed: Mapping[str, str] | None = None,
    faults: Mapping[str, InvalidInput] | None = None,
) -> list[Field]:
    """Every field of a level, with what was typed and what was wrong with it after a refused form."""
    typed, faults = typed or {}, faults or {}
    return [
        _field(session, level, each, typed=typed.get(each.key), fault=faults.get(each.key)) for each in level.settings()
    ]


def matching(fields: Iterable[Field], words: str, spoken: Callable[[str], str]) -> list[Field]:
    """The fields that mention every word, in their label or help as the page says them, or in their key."""
    wanted = words.casefold().split()
    return [
        field
        for field in fields
        if all(word in f"{spoken(field.label)} {spoken(field.help)} {field.key}".casefold() for word in wanted)
    ]


def by_group(fields: Iterable[Field]) -> dict[Group, list[Field]]:
    """The fields of each group that has any, in the order of the page."""
    fields = list(fields)
    groups = {group: [field for field in fields if field.group is group] for group in Group}
    return {group: members for group, members in groups.items() if members}


def _field(
    session: Session, level: Level, setting: AnySetting, *, typed: str | None, fault: InvalidInput | None
) -> Field:
    if isinstance(setting, SecretSetting):
        return Field(
            key=setting.key,
            group=setting.group,
            label=setting.label,
            help=setting.help,
            widget="secret",
            is_own=has_secret(session, setting),
            most=str(setting.most),
            fault=fault,
        )
    kind, here = setting.kind, snapshot(session, level.course_id)
    own = here.find_of_site(setting) if level.course_id is None else here.find_of_course(setting)
    above = setting.default if level.course_id is None else read(session, setting)
    choices, least, most = _limits(kind)
    return Field(
        key=setting.key,
        group=setting.group,
        label=setting.label,
        help=setting.help,
        widget=kind.widget,
        value=kind.show(above if own is None else own) if typed is None else typed,
        inherited=kind.show(above),
        is_own=own is not None,
        choices=choices,
        least=least,
        most=most,
        fault=fault,
    )


def _limits(kind: object) -> tuple[tuple[str, ...], str, str]:
    match kind:
        case OneOf():
            return tuple(str(choice) for choice in kind.choices), "", ""
        case Whole() | Fraction():
            return (), str(kind.least), str(kind.most)
        case Text():
            return (), "", str(kind.most)
        case _:
            return (), "", ""
