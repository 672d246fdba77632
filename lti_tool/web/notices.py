"""One-time notices ("Saved."), kept on the launch so that no second cookie is needed."""

from typing import Literal

from flask import g
from sqlalchemy import update

from lti_tool.accounts.models import BoundLaunch
from lti_tool.web.database import db

Level = Literal["success", "info", "warning", "danger"]


def notify(text: str, level: Level = "success") -> None:
    """Show the text on the next page of this launch."""
    launch = db.session.get_one(BoundLaunch, g.launch_id)
    launch.notices = [*launch.notices, {"level": level, "text": text}]


def take_notices() -> list[dict[str, str]]:
    """The notices waiting for this launch, which are then gone."""
    if "viewer" not in g:
        return []
    launch = db.session.get(BoundLaunch, g.viewer.launch_id)
    if launch is None or not launch.notices:
        return []
    waiting = list(launch.notices)
    db.session.execute(update(BoundLaunch).where(BoundLaunch.id == launch.id).values(notices=[]))
    return waiting
