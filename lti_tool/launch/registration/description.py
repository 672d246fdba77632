"""The tool described for an administrator or a platform that copies values instead of registering by itself."""

from typing import Any
from urllib.parse import urlsplit

from lti_tool.config import Settings
from lti_tool.lti.addresses import key_set_url, launch_url, login_url
from lti_tool.lti.dynamic_registration import CUSTOM_PARAMETERS, SCOPES


def description(settings: Settings) -> dict[str, Any]:
    """Canvas's JSON of an LTI 1.3 developer key; names and e-mail addresses are not asked for."""
    url = launch_url(settings)
    return {
        "title": settings.tool.title,
        "description": settings.tool.description,
        "oidc_initiation_url": login_url(settings),
        "target_link_uri": url,
        "redirect_uris": [url],
        "public_jwk_url": key_set_url(settings),
        "scopes": list(SCOPES),
        "custom_fields": CUSTOM_PARAMETERS,
        "extensions": [
            {
                "platform": "canvas.instructure.com",
                "domain": urlsplit(settings.public_url).netloc,
                "privacy_level": "anonymous",
                "settings": {
                    "text": settings.tool.title,
                    "placements": [
                        {"placement": name, "message_type": "LtiDeepLinkingRequest", "target_link_uri": url}
                        for name in ("assignment_selection", "link_selection")
                    ],
                },
            }
        ],
    }
