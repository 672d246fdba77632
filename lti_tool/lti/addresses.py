"""The tool's own addresses, as platforms know them."""

from lti_tool.config import Settings


def launch_url(settings: Settings) -> str:
    """Redirect URI, target link URI and content item address in one."""
    return f"{settings.public_url}/lti/launch"


def login_url(settings: Settings) -> str:
    return f"{settings.public_url}/lti/login"


def key_set_url(settings: Settings) -> str:
    return f"{settings.public_url}/lti/jwks.json"


def registration_url(settings: Settings, invitation: str) -> str:
    """What an administrator pastes into the platform."""
    return f"{settings.public_url}/lti/register?invitation={invitation}"
