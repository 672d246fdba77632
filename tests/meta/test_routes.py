"""Every page after a launch has a guard; every page before one is on a short list."""

from flask import Flask
from werkzeug.routing import Rule

from lti_tool.web.guards import GUARD

PUBLIC = {
    "/avatar/<digest>.webp",
    "/button/<int:platform_id>/<int:course>",
    "/button/<int:version>.js",
    "/healthz",
    "/lti/config.json",
    "/lti/jwks.json",
    "/lti/launch",
    "/lti/login",
    "/lti/register",
    "/metrics",
    "/readyz",
    "/scanners/files",
    "/static/<path:filename>",
    "/theme.css",
}
# Platforms know this address; the form that is sent there names its launch.
IN_A_LAUNCH = {"/lti/deep-link"}


def rules(app: Flask) -> list[Rule]:
    return list(app.url_map.iter_rules())


def is_guarded(app: Flask, rule: Rule) -> bool:
    return hasattr(app.view_functions[rule.endpoint], GUARD)


def test_every_route_is_guarded_or_public(app: Flask) -> None:
    assert {rule.rule for rule in rules(app) if not is_guarded(app, rule)} == PUBLIC


def test_a_guarded_route_belongs_to_a_launch(app: Flask) -> None:
    guarded = {rule.rule for rule in rules(app) if is_guarded(app, rule)}
    assert {rule for rule in guarded if not rule.startswith("/l/<uuid:launch_id>/")} <= IN_A_LAUNCH
