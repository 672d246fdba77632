"""Sending what waits, every minute."""

from lti_tool.jobs.registry import NEVER, periodic, task
from lti_tool.mail.letters import send_due
from lti_tool.runtime import Runtime


@periodic("* * * * *")
@task("mail.send", retry=NEVER, lock="mail.send")
def send_letters(runtime: Runtime) -> None:
    """A failed run is repeated by the next minute's."""
    send_due(runtime)
