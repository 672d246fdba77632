"""What the columns of a rubric's table are called, in the languages that the tool speaks."""

from collections.abc import Sequence
from enum import StrEnum


class Column(StrEnum):
    """The names are those of our own export."""

    KIND = "kind"
    CRITERION = "criterion"
    DESCRIPTION = "description"
    FOR_MARKERS = "for markers"
    POINTS = "points"
    WEIGHT = "weight"
    LEVEL = "level"
    LEVEL_DESCRIPTION = "level description"
    LEVEL_POINTS = "level points"


NAMES: dict[Column, tuple[str, ...]] = {
    Column.KIND: ("kind",),
    Column.CRITERION: (
        *("criterion", "criteria", "criterio", "criteri", "criterios", "critère", "critères", "critere"),
        *("kriterium", "kriterien", "aspect", "aspetto", "aspekt", "dimension"),
    ),
    Column.DESCRIPTION: ("description", "descrizione", "beschreibung", "descripción", "descripcion"),
    Column.FOR_MARKERS: (
        *("for markers", "description for markers", "per chi valuta", "für bewertende"),
        *("para quien califica", "pour les correcteurs"),
    ),
    Column.POINTS: (
        *("points", "max points", "maximum", "max", "marks", "score", "maximum score"),
        *("punti", "punteggio", "punkte", "puntos", "puntuación"),
    ),
    Column.WEIGHT: ("weight", "weight %", "peso", "gewicht", "gewichtung", "poids", "pondération", "ponderación"),
    Column.LEVEL: ("level", "livello", "stufe", "niveau", "nivel"),
    Column.LEVEL_DESCRIPTION: ("level description", "descrizione del livello", "beschreibung der stufe"),
    Column.LEVEL_POINTS: ("level points", "punti del livello", "punkte der stufe"),
}
BY_NAME = {name: column for column, names in NAMES.items() for name in names}


def known_columns(header: Sequence[str]) -> dict[Column, int]:
    """Where each column that is known by its name stands."""
    places: dict[Column, int] = {}
    for place, name in enumerate(header):
        column = BY_NAME.get(name.casefold().strip())
        if column is not None:
            places.setdefault(column, place)
    return places
