"""The operator's commands. Each reads the settings, opens the runtime and calls one function."""

from lti_tool.cli import audit, keys, processes, registration
from lti_tool.cli.group import main

__all__ = ["audit", "keys", "main", "processes", "registration"]
