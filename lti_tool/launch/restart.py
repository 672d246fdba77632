"""Where a launch starts again in a new window, when this browser showed no cookie in the frame.

Moodle's message hint works once, so its activities are started from Moodle's own page; other platforms take the login
request again.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from lti_tool.lti.course_modules import course_module_of
from lti_tool.lti.launch import UnboundLaunch


@dataclass(frozen=True, kw_only=True)
class Restart:
    """A form that opens a new window."""

    method: str
    address: str
    fields: Mapping[str, str]


def restart_of(unbound: UnboundLaunch, login_url: str) -> Restart:
    """The form's method, address and fields."""
    course_module = course_module_of(unbound.product_family, unbound.message_hint)
    if course_module is not None:
        return Restart(method="get", address=f"{unbound.issuer}/mod/lti/launch.php", fields={"id": str(course_module)})
    fields = {
        "iss": unbound.issuer,
        "client_id": unbound.client_id,
        "login_hint": unbound.login_hint,
        "target_link_uri": unbound.target_link_uri,
        "lti_message_hint": unbound.message_hint,
        "lti_deployment_id": unbound.deployment_hint,
    }
    return Restart(
        method="post", address=login_url, fields={name: value for name, value in fields.items() if value is not None}
    )
