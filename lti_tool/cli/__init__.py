"""The operator's commands. Each reads the settings, opens the runtime and calls one function."""

from lti_tool.cli import audit, demo, keys, processes, registration
from lti_tool.cli.group import main

__all__ = ["audit", "demo", "keys", "main", "processes", "registration"]
