"""The application: the only place that knows every package."""

from importlib import import_module
from importlib.util import find_spec

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from lti_tool.config import PROJECT_ROOT
from lti_tool.runtime import Runtime
from lti_tool.web.database import commit_at_the_edge, db
from lti_tool.web.error_pages import install_error_pages
from lti_tool.web.guards import give_launch_id, take_launch_id
from lti_tool.web.headers import security_headers
from lti_tool.web.pages import install_pages
from lti_tool.web.request_log import install_request_log
from lti_tool.web.runtime import install_runtime
from lti_tool.web.sockets import install_sockets

FEATURES = (
    "web.health",
    "web.theme",
    "launch",
    "launch.registration",
    "course",
    "material",
    "tutor",
    "grading",
    "grades",
    "scans",
    "scans.staff",
    "analytics",
    "administration.settings",
    "administration.course_settings",
    "administration.switches",
    "administration.usage",
    "administration.registrations",
    "administration.jobs",
    "administration.audit",
    "administration.doctor",
)


def create_app(runtime: Runtime) -> Flask:
    """The web application on this runtime; making it opens no connection."""
    app = Flask(
        "lti_tool",
        root_path=str(PROJECT_ROOT),
        static_folder="static",
        template_folder="templates",
    )
    app.config.update(
        SECRET_KEY=runtime.secrets.app_key,
        SQLALCHEMY_DATABASE_URI="postgresql+psycopg2://",
        MAX_CONTENT_LENGTH=64 * 1024 * 1024,
        MAX_FORM_MEMORY_SIZE=1024 * 1024,
    )
    install_runtime(app, runtime)
    install_request_log(app)
    db.init_app(app)
    install_pages(app)
    install_error_pages(app)
    install_sockets(app)
    commit_at_the_edge(app)
    security_headers(app)
    app.url_value_preprocessor(take_launch_id)
    app.url_defaults(give_launch_id)
    register_features(app)
    hops = runtime.settings.trusted_proxies
    if hops:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    return app


def register_features(app: Flask) -> None:
    """Mount what each feature exposes: `blueprint` after a launch, `public_blueprint` before one."""
    for feature in FEATURES:
        for part in ("views", "socket"):
            name = f"lti_tool.{feature}.{part}"
            try:
                found = find_spec(name)
            except ModuleNotFoundError:
                found = None
            if found is None:
                continue
            module = import_module(name)
            for attribute in ("blueprint", "public_blueprint"):
                if hasattr(module, attribute):
                    app.register_blueprint(getattr(module, attribute))
            if hasattr(module, "install"):
                module.install(app)
