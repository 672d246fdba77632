"""The roster as the platform tells it (NRPS 2.0), page by page.

We ask for everybody, without `role` or `limit`: Moodle loses `role` on its second page and gives all members at once
when no limit is named. The address comes only from a stored launch: a site-wide tool's token opens any course there.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pylti1p3.exception import LtiException
from pylti1p3.names_roles import NamesRolesProvisioningService

from lti_tool.errors import PlatformFailed
from lti_tool.lti.services import PlatformConnector

SCOPE = "https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly"
MAX_BYTES = 64 * 1024 * 1024
"""A page of 100,000 members; other answers of a platform are far smaller."""
MOST_PAGES = 1000


@dataclass(frozen=True, kw_only=True, slots=True)
class Member:
    """One entry of the roster; names and e-mail only where the platform shares them."""

    user_id: str
    roles: tuple[str, ...]
    name: str = ""
    given_name: str = ""
    family_name: str = ""
    email: str = ""
    idnumber: str = ""


def members(connector: PlatformConnector, memberships_url: str) -> Iterator[Member]:
    """Every active member, as the pages arrive; raises PlatformFailed rather than end early."""
    service = NamesRolesProvisioningService(connector, {"context_memberships_url": memberships_url})
    url: str | None = memberships_url
    seen: set[str] = set()
    while url:
        if url in seen or len(seen) == MOST_PAGES:
            raise PlatformFailed("roster_endless")
        seen.add(url)
        page, url = _page(service, url)
        yield from (_member(entry) for entry in page if _is_active(entry))


def _page(service: NamesRolesProvisioningService, url: str) -> tuple[list[Any], str | None]:
    """PyLTI1p3 takes a page without members for an empty one; that would empty the roster."""
    try:
        answer = service.get_nrps_data(url)
    except LtiException as error:
        raise PlatformFailed("roster_unreadable") from error
    body = answer["body"]
    if not isinstance(body, dict) or not isinstance(body.get("members"), list):
        raise PlatformFailed("roster_unreadable")
    return body["members"], answer["next_page_url"]


def _is_active(entry: Any) -> bool:
    """A missing status means active (NRPS 2.0 section 2.3)."""
    return isinstance(entry, dict) and bool(entry.get("user_id")) and entry.get("status", "Active") == "Active"


def _member(entry: dict[str, Any]) -> Member:
    roles = entry.get("roles")
    return Member(
        user_id=str(entry["user_id"]),
        roles=tuple(role for role in roles if isinstance(role, str)) if isinstance(roles, list) else (),
        name=_text(entry, "name"),
        given_name=_text(entry, "given_name"),
        family_name=_text(entry, "family_name"),
        email=_text(entry, "email"),
        idnumber=_text(entry, "lis_person_sourcedid"),
    )


def _text(entry: dict[str, Any], field: str) -> str:
    value = entry.get(field)
    return value.strip() if isinstance(value, str) else ""
