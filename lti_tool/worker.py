"""The worker process of the whole tool: it knows every `tasks.py`, as app.py knows every view."""

import importlib
import pkgutil

import lti_tool
from lti_tool.jobs.worker import WorkerOptions, run_worker
from lti_tool.runtime import Runtime


def load_tasks() -> None:
    """Import every tasks module, so that its tasks and their times are registered."""
    for module in pkgutil.walk_packages(lti_tool.__path__, "lti_tool."):
        if module.name.endswith(".tasks"):
            importlib.import_module(module.name)


def work(runtime: Runtime, options: WorkerOptions | None = None) -> None:
    """Run jobs until SIGTERM or SIGINT."""
    load_tasks()
    run_worker(runtime, options)
