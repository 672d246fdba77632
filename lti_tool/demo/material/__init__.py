"""Four short lectures of a first course in statistics, written for the demo, in four kinds of file."""

from lti_tool.demo.material.lectures import Handout, handouts

__all__ = ["Handout", "handouts"]
