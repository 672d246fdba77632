"""A student's question, before any node has begun to answer it."""

import pytest
from sqlalchemy.orm import Session

from lti_tool.accounts.models import PlacementKind
from lti_tool.accounts.viewer import viewer_for
from lti_tool.site_settings.catalogue import SHOW_PRIVACY_NOTICE
from lti_tool.site_settings.store import write
from lti_tool.tutor.asking import Asked, ask
from tests.fixtures.people import House, bind_launch


def ask_something(session: Session, house: House) -> Asked:
    write(session, SHOW_PRIVACY_NOTICE, False)
    launch = bind_launch(house, "student", PlacementKind.TUTOR, "browser")
    return ask(session, viewer_for(session, launch.id, "browser"), text="What?", client_key="key-00000001")


@pytest.fixture
def asked(session: Session, house: House) -> Asked:
    return ask_something(session, house)
