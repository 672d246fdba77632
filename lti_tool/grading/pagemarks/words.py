"""What marks, and places on a page, are called."""

from flask_babel import gettext as _

from lti_tool.grading.pagemarks.models import MarkKind


def kind_words() -> dict[MarkKind, str]:
    return {
        MarkKind.TICK: _("Tick"),
        MarkKind.CROSS: _("Cross"),
        MarkKind.BOX: _("Box"),
        MarkKind.UNDERLINE: _("Underlined"),
        MarkKind.COMMENT: _("Comment"),
    }


def place_words() -> dict[tuple[int, int], str]:
    """By the third of the page from the top, and that from the left."""
    return {
        (0, 0): _("at the top left"),
        (0, 1): _("at the top"),
        (0, 2): _("at the top right"),
        (1, 0): _("in the middle left"),
        (1, 1): _("in the middle"),
        (1, 2): _("in the middle right"),
        (2, 0): _("at the bottom left"),
        (2, 1): _("at the bottom"),
        (2, 2): _("at the bottom right"),
    }


def mark_words() -> dict[str, object]:
    """What the templates of marks need."""
    return {"mark_kinds": kind_words(), "mark_places": place_words()}
