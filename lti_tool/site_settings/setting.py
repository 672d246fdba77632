"""What a setting is: a key, a default, a kind of value, words for the person who changes it."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Generic, TypeVar

from lti_tool.errors import InvalidInput
from lti_tool.site_settings.kinds import Kind

T = TypeVar("T")


class Group(StrEnum):
    """The parts of the settings page, in their order."""

    SWITCHES = "switches"
    MODEL = "model"
    TUTOR = "tutor"
    RETRIEVAL = "retrieval"
    LIMITS = "limits"
    BREAKER = "breaker"
    PRIVACY = "privacy"
    SCANS = "scans"
    MAIL = "mail"
    LOOK = "look"
    LOGS = "logs"


@dataclass(frozen=True, kw_only=True, eq=False)
class Setting(Generic[T]):
    """A typed setting; `in_courses` lets a course have its own value."""

    key: str
    default: T
    kind: Kind[T]
    group: Group
    label: str
    help: str
    in_courses: bool = False


@dataclass(frozen=True, kw_only=True, eq=False)
class SecretSetting:
    """A site-wide secret: written by the page, read only where the call goes out, never shown again."""

    key: str
    group: Group
    label: str
    help: str
    most: int = 1000


class Registry:
    """Every setting by its key, in the order of the catalogue."""

    def __init__(self) -> None:
        self._by_key: dict[str, Setting[Any] | SecretSetting] = {}

    def __iter__(self) -> Iterator[Setting[Any] | SecretSetting]:
        return iter(self._by_key.values())

    def add(self, setting: Setting[T]) -> Setting[T]:
        self._by_key[setting.key] = setting
        return setting

    def add_secret(self, setting: SecretSetting) -> SecretSetting:
        self._by_key[setting.key] = setting
        return setting

    def get(self, key: str) -> Setting[Any] | SecretSetting:
        """The setting of a key; raises InvalidInput naming a key that does not exist."""
        if key not in self._by_key:
            raise InvalidInput("setting_unknown", "There is no setting named %(key)s.", {"key": f"{key[:60]!r}"})
        return self._by_key[key]
