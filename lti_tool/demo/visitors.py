"""Which person the browser is, and that changing requests come from the site's own pages.

There are no passwords: the site answers on loopback names alone, so no other machine and no web page that points its
own name at this machine can reach it.
"""

import hmac
import secrets
from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Concatenate, ParamSpec

from babel import Locale
from flask import Flask, current_app, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from lti_tool.demo.models import Person
from lti_tool.demo.refusals import Refused
from lti_tool.demo.store import Store, find_person
from lti_tool.web.languages import languages

LOOPBACK = frozenset({"localhost", "127.0.0.1", "[::1]"})
FIELD = "csrf_token"
SESSKEY = "sesskey"

P = ParamSpec("P")
View = Callable[P, ResponseReturnValue]


def current_store() -> Store:
    store: Store = current_app.extensions["demo"]
    return store


def with_session(view: Callable[Concatenate[Session, P], ResponseReturnValue]) -> View[P]:
    """The view runs in one transaction that is given up if it raises."""

    @wraps(view)
    def run(*arguments: P.args, **named: P.kwargs) -> ResponseReturnValue:
        with current_store().transaction() as rows:
            return view(rows, *arguments, **named)

    return run


def with_person(view: Callable[Concatenate[Session, Person, P], ResponseReturnValue]) -> View[P]:
    """The view also gets who the browser is; a stranger is sent to choose."""

    @wraps(view)
    def run(*arguments: P.args, **named: P.kwargs) -> ResponseReturnValue:
        with current_store().transaction() as rows:
            person = signed_in(rows)
            if person is None:
                return redirect(url_for("pages.home"), HTTPStatus.SEE_OTHER)
            return view(rows, person, *arguments, **named)

    return run


def signed_in(rows: Session) -> Person | None:
    return find_person(rows, str(session.get("person_id", "")))


def become(person: Person) -> None:
    """Start a new browser session as this person; the language stays."""
    language = language_of_launches()
    session.clear()
    session["person_id"], session["language"] = person.id, language


def language_of_launches() -> str:
    """In which language tools are opened, as a person of Moodle chooses it; the course site itself speaks English."""
    return str(session.get("language", "en"))


def tool_languages() -> dict[str, str]:
    """What the tool speaks, each by its own name."""
    return {
        language: (Locale(language).get_display_name(language) or language).capitalize() for language in languages()
    }


def choose_language(language: str) -> None:
    """Raises Refused for one that the tool does not speak."""
    if language not in languages():
        raise Refused("The tool does not speak this language.", HTTPStatus.BAD_REQUEST)
    session["language"] = language


def sesskey() -> str:
    """The secret of this browser session that forms and return addresses carry, as in Moodle."""
    if SESSKEY not in session:
        session[SESSKEY] = secrets.token_urlsafe(12)
    return str(session[SESSKEY])


def require_sesskey(given: str) -> None:
    if not hmac.compare_digest(given.encode(), sesskey().encode()):
        raise Refused("This page is no longer valid. Go back, reload it and try again.", HTTPStatus.FORBIDDEN)


def check_form() -> None:
    require_sesskey(request.form.get(FIELD, ""))


def loopback_only(app: Flask) -> None:
    """Refuse requests that name another host than this machine."""

    @app.before_request
    def refuse_other_hosts() -> None:
        host = request.host if request.host.endswith("]") else request.host.rpartition(":")[0] or request.host
        if host not in LOOPBACK:
            raise Refused("The demo course site answers on this machine alone.", HTTPStatus.FORBIDDEN)
