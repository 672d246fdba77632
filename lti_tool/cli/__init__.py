"""The operator's commands. Each reads the settings, opens the runtime and calls one function."""

from lti_tool.cli import audit, demo, doctor, keys, processes, registration, scans
from lti_tool.cli.group import main

__all__ = ["audit", "demo", "doctor", "keys", "main", "processes", "registration", "scans"]
