"""The application for a WSGI server of your own; `lectern serve` needs no such file."""

import os

from lti_tool.app import create_app
from lti_tool.config import Settings
from lti_tool.startup import lasting_runtime

app = create_app(lasting_runtime(Settings.from_env(os.environ)))
