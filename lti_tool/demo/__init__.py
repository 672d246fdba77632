"""A small but strict course site to launch the tool from; for trying it and for tests, never for production.

It answers as Moodle 4.5 does (moodle-as-platform.md) and checks what Moodle leaves unchecked. It shares no code with
the tool's side of the protocol, so a mistake there is not mirrored here.
"""
