"""One-time notices ("Saved."), kept on the launch so that no second cookie is needed."""

from typing import Literal

from flask import g

from lti_tool.accounts.models import BoundLaunch
from lti_tool.web.database import db

Level = Literal["success", "info", "warning", "danger"]


def notify(text: str, level: Level = "success") -> None:
    """Show the text on the next page of this launch."""
    launch = db.session.get_one(BoundLaunch, g.launch_id)
    launch.notices = [*launch.notices, {"level": level, "text": text}]
    g.has_notices = True


def take_notices() -> list[dict[str, str]]:
    """The notices waiting for this launch, which are then gone."""
    if "viewer" not in g or not (g.viewer.has_notices or g.get("has_notices")):
        return []
    launch = db.session.get_one(BoundLaunch, g.viewer.launch_id)
    waiting, launch.notices = launch.notices, []
    return waiting
