"""The course site as a Flask application of its own; the tool never mounts it."""

from flask import Flask, make_response, render_template
from flask.typing import ResponseReturnValue
from flask_babel import Babel

from lti_tool.config import PROJECT_ROOT
from lti_tool.demo import endpoints, gradebook_pages, pages, services, tool_pages
from lti_tool.demo.refusals import LoginRefused, Refused
from lti_tool.demo.store import Store, cookie_secret
from lti_tool.demo.visitors import language_of_launches, loopback_only, sesskey, tool_languages

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "frame-src http: https:; base-uri 'none'; frame-ancestors 'self'"
)


def create_site(store: Store) -> Flask:
    """The site on this store, whose tables must exist."""
    app = Flask("lti_tool.demo", root_path=str(PROJECT_ROOT), static_folder="static", template_folder="templates")
    with store.transaction() as rows:
        app.secret_key = cookie_secret(rows)
    app.config.update(
        SESSION_COOKIE_NAME="demo_site", SESSION_COOKIE_SAMESITE="Lax", MAX_CONTENT_LENGTH=2 * 1024 * 1024
    )
    app.extensions["demo"] = store
    app.jinja_env.globals.update(sesskey=sesskey, tool_language=language_of_launches, tool_languages=tool_languages)
    Babel(app)
    loopback_only(app)
    for part in (pages, gradebook_pages, tool_pages, endpoints, services):
        app.register_blueprint(part.blueprint)
    app.register_error_handler(Refused, refusal_page)
    app.register_error_handler(LoginRefused, back_to_tool)
    app.after_request(add_headers)
    return app


def refusal_page(refused: Refused) -> ResponseReturnValue:
    return render_template("demo/refused.html", reason=refused.reason), refused.status


def back_to_tool(refused: LoginRefused) -> ResponseReturnValue:
    """The tool learns of the refusal at its redirect address."""
    return render_template("demo/onward.html", action=refused.redirect_uri, fields=refused.fields)


def add_headers(response: ResponseReturnValue) -> ResponseReturnValue:
    answer = make_response(response)
    answer.headers.setdefault("Content-Security-Policy", POLICY)
    answer.headers.setdefault("X-Content-Type-Options", "nosniff")
    answer.headers.setdefault("Cache-Control", "no-store")
    return answer
