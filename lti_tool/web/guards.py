"""The door of every page after a launch: it loads the viewer, asks for the capability, checks forms.

A view on a launch blueprint is wrapped by `guarded`; a meta test refuses any route that has neither a guard nor a
place on the short public list.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec
from uuid import UUID

from flask import Blueprint, current_app, g
from flask.typing import ResponseReturnValue

from lti_tool.accounts.capabilities import Capability
from lti_tool.accounts.viewer import Viewer, viewer_for
from lti_tool.errors import NotFound
from lti_tool.web.browser_cookie import browser_id
from lti_tool.web.csrf import check_changing_request
from lti_tool.web.database import db

Arguments = ParamSpec("Arguments")
GUARD = "lectern_guard"


def launch_blueprint(name: str, import_name: str, segment: str | None = None) -> Blueprint:
    """A blueprint under /l/<launch id>/<segment>; its views get the viewer, its addresses the launch id."""
    return Blueprint(name, import_name, url_prefix=f"/l/<uuid:launch_id>/{segment or name}")


def guarded(
    capability: Capability,
) -> Callable[
    [Callable[Concatenate[Viewer, Arguments], ResponseReturnValue]], Callable[Arguments, ResponseReturnValue]
]:
    """Call the view with the viewer of this launch, who has `capability`."""

    def decorate(
        view: Callable[Concatenate[Viewer, Arguments], ResponseReturnValue],
    ) -> Callable[Arguments, ResponseReturnValue]:
        @wraps(view)
        def guarded_view(*args: Arguments.args, **kwargs: Arguments.kwargs) -> ResponseReturnValue:
            viewer = current_viewer()
            viewer.require(capability)
            return view(viewer, *args, **kwargs)

        setattr(guarded_view, GUARD, capability)
        return guarded_view

    return decorate


def current_viewer() -> Viewer:
    """The viewer of this request's launch; raises NotFound or NotAllowed as `viewer_for` does."""
    if "viewer" not in g:
        g.viewer = bind_viewer(g.launch_id)
    viewer: Viewer = g.viewer
    return viewer


def bind_viewer(launch_id: UUID) -> Viewer:
    """Load the launch for the browser that sent the request, and check a changing request's origin and token."""
    browser = browser_id()
    if browser is None:
        raise NotFound("browser_unknown", "Your browser sent no cookie. Open the activity in a new window.")
    viewer = viewer_for(db.session(), launch_id, browser)
    check_changing_request(launch_id, browser)
    return viewer


def take_launch_id(_endpoint: str | None, values: dict[str, Any] | None) -> None:
    """Keep the launch id of the address aside, so that no view handles it."""
    if values and "launch_id" in values:
        g.launch_id = values.pop("launch_id")


def give_launch_id(endpoint: str, values: dict[str, Any]) -> None:
    """Fill the launch id into every address of a launch page."""
    if (
        "launch_id" not in values
        and "launch_id" in g
        and current_app.url_map.is_endpoint_expecting(endpoint, "launch_id")
    ):
        values["launch_id"] = g.launch_id
