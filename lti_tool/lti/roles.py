"""What a roles claim says, told apart by scope (LTI 1.3 core, appendix A.2).

Context roles alone give rights in a course. Institution and system roles say who somebody is elsewhere: Canvas sends
them for every course, and Open edX calls its course staff a system administrator. Only both administrator roles
together, as Moodle sends them for its site administrators, name an administrator of the installation.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from pylti1p3.roles import AbstractRole, RoleType

PARSER: Any = AbstractRole({})  # type: ignore[no-untyped-call]  # untyped in the library


class Scope(StrEnum):
    CONTEXT = RoleType.CONTEXT
    INSTITUTION = RoleType.INSTITUTION
    SYSTEM = RoleType.SYSTEM


@dataclass(frozen=True, kw_only=True)
class LtiRole:
    """One role: `Instructor#TeachingAssistant` has the name Instructor and the part TeachingAssistant."""

    scope: Scope
    name: str
    part: str = ""


class RoleFacts(frozenset[LtiRole]):
    """The roles of a launch, and the questions we ask of them."""

    @classmethod
    def of(cls, claim: tuple[str, ...]) -> "RoleFacts":
        return cls(role for role in map(_parsed, claim) if role)

    @property
    def is_site_administrator(self) -> bool:
        return all(LtiRole(scope=scope, name="Administrator") in self for scope in (Scope.SYSTEM, Scope.INSTITUTION))

    def has_in_course(self, *names: str) -> bool:
        return any(role.scope is Scope.CONTEXT and role.name in names for role in self)

    def has_part_in_course(self, *parts: str) -> bool:
        return any(role.scope is Scope.CONTEXT and role.part in parts for role in self)


def _parsed(role: str) -> LtiRole | None:
    """The library tells scope and name; of `membership/Instructor#Grader` it would keep the last word alone."""
    last, scope = PARSER.parse_role_str(role)
    if scope is None:
        # A short name can only be a context role; an address of a vocabulary we do not know says nothing to us.
        return LtiRole(scope=Scope.CONTEXT, name=role) if role.isalpha() else None
    principal = role.partition("/membership/")[2].partition("#")[0]
    if principal and scope == RoleType.CONTEXT:
        return LtiRole(scope=Scope.CONTEXT, name=principal, part=last)
    return LtiRole(scope=Scope(scope), name=last)
