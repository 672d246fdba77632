"""What trays and steps are called on the resolve screen."""

from flask_babel import gettext as _

from lti_tool.scans.pages.states import EvidenceKind, PageState
from lti_tool.scans.resolve.continuing import Fact
from lti_tool.scans.words import page_words


def tray_words() -> dict[PageState, str]:
    return {
        PageState.UNKNOWN: _("Nothing says which paper this page belongs to."),
        PageState.FOREIGN: _("This page was printed for another exam."),
        PageState.DUPLICATE: _("This page was received already."),
        PageState.DAMAGED: _("This page could not be read from its file."),
    }


def step_words() -> dict[str, str]:
    return {
        "released": _("paper released"),
        "assigned": _("student chosen"),
        "taken_back": _("paper taken back"),
        "set_aside": _("paper discarded"),
        "reordered": _("pages put in order"),
        "rotated": _("pages turned"),
        "split": _("paper split"),
        "merged": _("papers merged"),
        "moved": _("pages moved"),
        "taken_out": _("pages taken out"),
        "discarded": _("pages discarded"),
        "placed": _("page placed"),
    }


def fact_words() -> dict[Fact, str]:
    return {
        Fact.NUMBER: _("The number written on the sheet is that student’s."),
        Fact.BEHIND: _("It was scanned right behind that paper."),
    }


def reading_words() -> dict[EvidenceKind, str]:
    return {
        EvidenceKind.DIGITS: _("written by hand"),
        EvidenceKind.BUBBLES: _("marked in the bubbles"),
        EvidenceKind.PRINTED: _("printed"),
    }


def resolve_words() -> dict[str, object]:
    """All of them, with those of papers, for a template."""
    return {
        **page_words(),
        "trays": tray_words(),
        "steps": step_words(),
        "facts": fact_words(),
        "readings": reading_words(),
    }
