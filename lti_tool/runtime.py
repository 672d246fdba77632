"""What the edges (views, jobs, commands) hand down: the settings, the engine and the secrets of this process."""

from dataclasses import dataclass

from sqlalchemy import Engine

from lti_tool.config import Settings
from lti_tool.secrets import Secrets


@dataclass(frozen=True, kw_only=True)
class Runtime:
    """Made once at start; a rule takes the piece it needs, never this."""

    settings: Settings
    engine: Engine
    secrets: Secrets
