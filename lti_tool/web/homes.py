"""Which page a placement opens, and which page shows one student's work for a submission review."""

from lti_tool.accounts.models import PlacementKind

HOMES: dict[PlacementKind, str] = {
    PlacementKind.TUTOR: "tutor.chat",
    PlacementKind.ACTIVITY: "grading.home",
    PlacementKind.EXAM: "scans.home",
    PlacementKind.DASHBOARD: "dashboard.home",
}

REVIEWS: dict[PlacementKind, str] = {
    PlacementKind.ACTIVITY: "grading.review",
    PlacementKind.EXAM: "scans.review",
}
