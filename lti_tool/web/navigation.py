"""The tabs at the top of a page: what this viewer may open from here."""

from collections.abc import Callable
from dataclasses import dataclass

from flask import current_app, request
from flask_babel import LazyString
from flask_babel import lazy_gettext as _
from sqlalchemy.orm import Session

from lti_tool.accounts.capabilities import Capability
from lti_tool.accounts.models import PlacementKind
from lti_tool.accounts.viewer import Viewer
from lti_tool.web.database import db


@dataclass(frozen=True, kw_only=True)
class Tab:
    """A link in the tab bar; `kinds` limits it to placements of a kind."""

    endpoint: str
    label: LazyString
    capability: Capability
    kinds: frozenset[PlacementKind] = frozenset(PlacementKind)


COUNTS: dict[str, Callable[[Session, Viewer], int]] = {}
"""How many things wait behind a tab; a feature adds its own by its endpoint. Asked only of who sees the tab."""

TABS = (
    Tab(endpoint="tutor.chat", label=_("Tutor"), capability=Capability.USE, kinds=frozenset({PlacementKind.TUTOR})),
    Tab(
        endpoint="grading.home",
        label=_("Activity"),
        capability=Capability.USE,
        kinds=frozenset({PlacementKind.ACTIVITY}),
    ),
    Tab(endpoint="scans.home", label=_("Paper exam"), capability=Capability.USE, kinds=frozenset({PlacementKind.EXAM})),
    Tab(
        endpoint="grading.home",
        label=_("Marking"),
        capability=Capability.GRADE,
        kinds=frozenset({PlacementKind.EXAM}),
    ),
    Tab(
        endpoint="dashboard.home",
        label=_("Dashboard"),
        capability=Capability.VIEW_DASHBOARD,
    ),
    Tab(
        endpoint="grades.table",
        label=_("Grades"),
        capability=Capability.GRADE,
        kinds=frozenset({PlacementKind.ACTIVITY, PlacementKind.EXAM}),
    ),
    Tab(
        endpoint="assignments.home",
        label=_("Assignments"),
        capability=Capability.GRADE,
        kinds=frozenset({PlacementKind.ACTIVITY, PlacementKind.DASHBOARD}),
    ),
    Tab(
        endpoint="questions.queue",
        label=_("Questions"),
        capability=Capability.ANSWER,
        kinds=frozenset({PlacementKind.TUTOR, PlacementKind.DASHBOARD}),
    ),
    Tab(endpoint="material.table", label=_("Material"), capability=Capability.MANAGE),
    Tab(endpoint="course.people", label=_("People"), capability=Capability.MANAGE),
    Tab(endpoint="course_settings.page", label=_("Settings"), capability=Capability.MANAGE),
    Tab(endpoint="site.home", label=_("Site"), capability=Capability.ADMINISTER),
)


def tabs_for(viewer: Viewer) -> list[Tab]:
    """The tabs of a course page, in their order; the dialogue that chooses activities has none: they would leave it."""
    if viewer.message == "deep_linking":
        return []
    return [tab for tab in TABS if viewer.may(tab.capability) and _fits(tab, viewer) and _exists(tab)]


def is_current(tab: Tab) -> bool:
    """Whether the page being shown belongs to the tab's feature; some features have pages of several parts."""
    feature, own = (request.endpoint or "").split(".")[0], tab.endpoint.split(".")[0]
    return feature == own or (own in {"site", "scans", "material", "grading"} and feature.startswith(f"{own}_"))


def count_of(tab: Tab, viewer: Viewer) -> int:
    """What waits behind the tab; nothing where no feature counts."""
    counted = COUNTS.get(tab.endpoint)
    return counted(db.session(), viewer) if counted else 0


def _fits(tab: Tab, viewer: Viewer) -> bool:
    return tab.kinds == frozenset(PlacementKind) or viewer.placement_kind in tab.kinds


def _exists(tab: Tab) -> bool:
    return tab.endpoint in current_app.view_functions
