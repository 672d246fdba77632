"""Which activities Moodle calls changed since a moment (R46); None where it cannot say."""

from datetime import datetime, timedelta

from lti_tool.errors import PlatformFailed
from lti_tool.moodle.client import MoodleClient
from lti_tool.moodle.functions import UPDATES

OVERLAP = timedelta(minutes=10)
"""Two clocks never agree; what is read twice is found to be unchanged."""
SILENT = frozenset({"attempts", "answers", "comments", "completion", "gradeitems", "grades", "outcomes", "ratings"})
"""What people did in an activity changes none of its text; `answers` are also a lesson's, which we never read."""


def changed_since(client: MoodleClient, course: int, since: datetime | None) -> frozenset[int] | None:
    """The numbers of the changed activities; raises NotAllowed when the switch is turned off."""
    if since is None:
        return None
    try:
        answer = client.call(UPDATES, courseid=course, since=int((since - OVERLAP).timestamp()))
        return frozenset(
            int(each["id"])
            for each in answer["instances"]
            if any(update["name"] not in SILENT for update in each["updates"])
        )
    except (PlatformFailed, KeyError, TypeError, ValueError):
        return None
