"""The words of each language, read from the very files that translators write: no compiled copy can be out of date."""

import io
from functools import lru_cache

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations
from flask_babel import Domain, get_locale

from lti_tool.config import PROJECT_ROOT

FOLDER = PROJECT_ROOT / "lti_tool" / "translations"


class Catalogues(Domain):  # type: ignore[misc]  # the package has no types
    """Where Flask-Babel finds translations."""

    def get_translations(self) -> NullTranslations:
        return catalogue_of(str(get_locale() or "en"))


@lru_cache
def languages() -> tuple[str, ...]:
    """English, and whatever has a catalogue."""
    return ("en", *sorted(path.stem for path in FOLDER.glob("*.po")))


@lru_cache
def catalogue_of(locale: str) -> NullTranslations:
    """The catalogue of a language, or of what it is a kind of (`de_AT` of `de`); without one the texts stay English."""
    for name in (locale, locale.split("_")[0]):
        path = FOLDER / f"{name}.po"
        if path.exists():
            compiled = io.BytesIO()
            with path.open("rb") as file:
                write_mo(compiled, read_po(file, locale=name))
            compiled.seek(0)
            return Translations(compiled)
    return NullTranslations()
