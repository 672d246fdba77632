"""The answer to a deep linking launch: placements for what the teacher chose, and the signed items that name them."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from lti_tool.accounts.models import BoundLaunch, Placement
from lti_tool.accounts.viewer import Viewer
from lti_tool.config import Settings
from lti_tool.errors import NotFound
from lti_tool.launch.choices import Choice
from lti_tool.launch.placements import add_placement
from lti_tool.lti.addresses import launch_url
from lti_tool.lti.claims import DeepLinkingSettings
from lti_tool.lti.deep_linking import ContentItem, DeepLinkingResponse, respond
from lti_tool.lti.keys import active_key
from lti_tool.lti.models import Deployment
from lti_tool.secrets import Secrets


def settings_of(session: Session, viewer: Viewer) -> DeepLinkingSettings:
    """What the platform of this launch takes back; raises NotFound for any other launch."""
    stored = session.get_one(BoundLaunch, viewer.launch_id).deep_linking
    if stored is None:
        raise NotFound("not_deep_linking", "Activities are chosen from the course's “add activity” dialogue.")
    return DeepLinkingSettings(**stored)


def answer(
    session: Session, settings: Settings, secrets: Secrets, viewer: Viewer, choices: Sequence[Choice]
) -> DeepLinkingResponse:
    """Place what was chosen and sign it; without choices the platform just closes its dialogue."""
    placements = [add_placement(session, viewer, choice) for choice in choices]
    deployment = session.get_one(Deployment, viewer.deployment_id)
    return respond(
        deployment.registration,
        deployment_id=deployment.deployment_id,
        settings=settings_of(session, viewer),
        key=active_key(session, secrets),
        items=[_item(placement, launch_url(settings)) for placement in placements],
    )


def _item(placement: Placement, url: str) -> ContentItem:
    return ContentItem(
        title=placement.title,
        url=url,
        custom={"placement": str(placement.id)},
        points=placement.points,
        resource_id=str(placement.id),
        tag=placement.kind,
    )
