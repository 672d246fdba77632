"""Tasks that tests queue; registered once a process."""

from lti_tool.errors import InvalidInput, PlatformFailed
from lti_tool.jobs.registry import Retry, task
from lti_tool.runtime import Runtime


@task("tests.greet", lock="course:{course_id}", queue="quiet")
def greet(runtime: Runtime, *, course_id: int) -> None:
    """Do nothing."""


@task("tests.stumble", retry=Retry(attempts=2, first_wait=0))
def stumble(runtime: Runtime) -> None:
    raise PlatformFailed("platform_silent")


@task("tests.refuse", retry=Retry(attempts=9, first_wait=0))
def refuse(runtime: Runtime) -> None:
    raise InvalidInput("file_broken", "The file cannot be read.")


@task("tests.leak", retry=Retry(attempts=1))
def leak(runtime: Runtime) -> None:
    raise ValueError("Student Canary <student@canary.example>")
