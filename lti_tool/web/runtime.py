"""The runtime of the running application, for views and sockets."""

from flask import Flask, current_app

from lti_tool.runtime import Runtime

EXTENSION = "lectern"


def install_runtime(app: Flask, runtime: Runtime) -> None:
    app.extensions[EXTENSION] = runtime


def current_runtime() -> Runtime:
    """Raises RuntimeError outside of an application."""
    runtime = current_app.extensions[EXTENSION]
    assert isinstance(runtime, Runtime)
    return runtime
