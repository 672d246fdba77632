"""The gradebook column of a resource link (AGS 2.0 section 3.1): find it, read it, make it where it is missing.

The address of a line item may carry a query (Moodle: `?type_id=N`) that every call must keep. We never change or
delete a line item: in Moodle a PUT erases its submission review and a DELETE takes the column of the activity away.
"""

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import cast
from uuid import UUID

from pylti1p3.assignments_grades import AssignmentsGradesService, TAssignmentsGradersData
from pylti1p3.exception import LtiException
from pylti1p3.lineitem import LineItem, TLineItem
from pylti1p3.service_connector import ServiceConnector
from pylti1p3.utils import add_param_to_url

from lti_tool.errors import InvalidInput, PlatformFailed

SCOPE = "https://purl.imsglobal.org/spec/lti-ags/scope/"
GRADING = [f"{SCOPE}lineitem.readonly", f"{SCOPE}result.readonly", f"{SCOPE}score"]
"""One token serves all that a push does."""
MAKING = [f"{SCOPE}lineitem"]
MOST_PAGES = 200


@dataclass(frozen=True, kw_only=True)
class GradebookColumn:
    """What we keep of a platform's line item."""

    url: str
    label: str
    maximum: Decimal


def grades_service(connector: ServiceConnector, line_items_url: str = "") -> AssignmentsGradesService:
    """PyLTI1p3's service with the scopes of a push."""
    return _service(connector, GRADING, line_items_url)


def read_line_item(connector: ServiceConnector, url: str) -> GradebookColumn:
    """The column behind an address; raises PlatformFailed."""
    try:
        item = grades_service(connector).get_lineitem(url)
        maximum = Decimal(str(item.get_score_maximum()))
    except (LtiException, AttributeError, InvalidOperation) as error:
        raise PlatformFailed("line_item_unreadable") from error
    return GradebookColumn(url=url, label=str(item.get_label() or ""), maximum=maximum)


def find_line_item(
    connector: ServiceConnector, line_items_url: str, *, resource_link_id: str, placement_id: UUID | None = None
) -> str | None:
    """The address of a resource link's own column; None if it has none or if several could be meant."""
    service = grades_service(connector, line_items_url)
    url: str | None = add_param_to_url(line_items_url, "resource_link_id", resource_link_id)
    found: list[LineItem] = []
    for _ in range(MOST_PAGES):
        page, url = _page(service, url)
        found += [LineItem(item) for item in page if _belongs(item, resource_link_id)]
        if url is None:
            break
    return _only_one(found, placement_id)


def make_line_item(
    connector: ServiceConnector,
    line_items_url: str,
    *,
    label: str,
    maximum: int,
    resource_link_id: str,
    placement_id: UUID,
) -> str:
    """Add a column bound to a resource link and return its address; needs the `lineitem` scope."""
    service = _service(connector, MAKING, line_items_url)
    item = LineItem().set_label(label).set_score_maximum(maximum).set_resource_link_id(resource_link_id)
    try:
        made = service.create_lineitem(item.set_resource_id(str(placement_id)).set_tag("lectern"))
    except LtiException as error:
        raise PlatformFailed("line_item_not_made") from error
    if not made.get_id():
        raise PlatformFailed("line_item_not_made")
    return str(made.get_id())


def service_url(line_item_url: str, ending: str) -> str:
    """`/scores` or `/results` goes before the query, the query stays."""
    if line_item_url.count("?") > 1:
        raise InvalidInput("line_item_malformed")
    return AssignmentsGradesService._add_url_path_ending(line_item_url, ending)


def _service(connector: ServiceConnector, scopes: list[str], line_items_url: str) -> AssignmentsGradesService:
    claim = {"scope": list(scopes), "lineitems": line_items_url}
    return AssignmentsGradesService(connector, cast(TAssignmentsGradersData, claim))


def _page(service: AssignmentsGradesService, url: str | None) -> tuple[list[TLineItem], str | None]:
    try:
        items, following = service.get_lineitems_page(url)
    except LtiException as error:
        raise PlatformFailed("line_items_unreadable") from error
    return [cast(TLineItem, item) for item in items if isinstance(item, dict)], following


def _belongs(item: TLineItem, resource_link_id: str) -> bool:
    """Some platforms ignore the filter; one that leaves the link out has filtered."""
    return item.get("resourceLinkId", resource_link_id) == resource_link_id


def _only_one(items: list[LineItem], placement_id: UUID | None) -> str | None:
    ours = [item for item in items if placement_id and item.get_resource_id() == str(placement_id)]
    candidates = ours or items
    return candidates[0].get_id() if len(candidates) == 1 else None
