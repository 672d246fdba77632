"""The login leg: remember what this browser asked for, and send it on to the platform."""

from collections.abc import Mapping

from sqlalchemy.orm import Session

from lti_tool.config import Settings
from lti_tool.lti.login import StartedLogin, hashed_address, start_login
from lti_tool.secrets import Secrets


def start(
    session: Session,
    settings: Settings,
    secrets: Secrets,
    parameters: Mapping[str, str],
    *,
    browser_id: str,
    address: str,
) -> StartedLogin:
    """A stored login attempt and where the browser goes now; raises InvalidInput or NotAllowed."""
    return start_login(
        session,
        settings,
        parameters,
        browser_id=browser_id,
        address_hash=hashed_address(address, secrets.app_key),
    )
