"""What every template may call: language, tabs, notices, the form token."""

from babel.support import NullTranslations
from flask import Flask, g, request
from flask_babel import Babel, get_locale, get_translations
from markupsafe import Markup

from lti_tool.web.browser_cookie import browser_id
from lti_tool.web.csrf import csrf_input
from lti_tool.web.error_pages import retold, told
from lti_tool.web.guards import current_viewer
from lti_tool.web.languages import Catalogues, languages
from lti_tool.web.navigation import Tab, count_of, is_current, tabs_for
from lti_tool.web.notices import take_notices
from lti_tool.web.runtime import current_runtime

RIGHT_TO_LEFT = frozenset({"ar", "fa", "he", "ur", "ps", "ckb", "yi"})


def install_pages(app: Flask) -> None:
    """Register the template globals and the choice of language."""
    Babel(app, locale_selector=launch_locale).domain_instance = Catalogues()
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]  # the extension adds it
        gettext=lambda text: catalogue().ugettext(text),
        ngettext=lambda one, many, number: catalogue().ungettext(one, many, number),
        newstyle=True,
    )
    app.jinja_env.globals["_"] = app.jinja_env.globals["gettext"]
    app.jinja_env.globals.update(
        csrf_field=csrf_field,
        is_current=is_current,
        notices=take_notices,
        page_direction=page_direction,
        page_language=page_language,
        tabs=tabs,
        retold=retold,
        told=told,
        tab_count=lambda tab: count_of(tab, g.viewer),
        tool_title=lambda: current_runtime().settings.tool.title,
        viewer=lambda: g.get("viewer"),
    )


def catalogue() -> NullTranslations:
    """The words of this request's language, found once: Flask-Babel would look for them with every string."""
    if "catalogue" not in g:
        g.catalogue = get_translations()
    found: NullTranslations = g.catalogue
    return found


def launch_locale() -> str | None:
    """The language of the launch, as the platform said it; only outside a launch does the browser's choice matter."""
    viewer = g.get("viewer")
    if viewer and viewer.locale:
        return str(viewer.locale).replace("-", "_")
    return request.accept_languages.best_match(languages())


def page_language() -> str:
    locale = get_locale()
    return str(locale).replace("_", "-") if locale else "en"


def page_direction() -> str:
    return "rtl" if page_language().split("-")[0] in RIGHT_TO_LEFT else "ltr"


def tabs() -> list[Tab]:
    return tabs_for(g.viewer) if "viewer" in g else []


def csrf_field() -> Markup:
    """The hidden form token of this launch and browser: the same in every form of a page, so made once."""
    if "csrf_input" not in g:
        g.csrf_input = csrf_input(current_viewer().launch_id, browser_id() or "")
    found: Markup = g.csrf_input
    return found
