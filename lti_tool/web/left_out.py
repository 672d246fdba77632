"""What a step for many grades passed over, told row by row: who, and why."""

from collections.abc import Sequence

from flask_babel import gettext as _

from lti_tool.gradebook.many import LeftOut
from lti_tool.web.error_pages import told
from lti_tool.web.notices import notify


def notify_left_out(left_out: Sequence[LeftOut]) -> None:
    """One notice for each reason, with the names that it holds for."""
    by_reason: dict[str, list[str]] = {}
    for each in left_out:
        by_reason.setdefault(told(each.why), []).append(each.name)
    for why, names in by_reason.items():
        notify(_("Left out: %(names)s. %(why)s", names=", ".join(names), why=why), "warning")
