"""What the states of a student's work are called, with an icon: never by colour alone."""

from dataclasses import dataclass

from flask_babel import gettext as _

from lti_tool.grading.queue import WorkState


@dataclass(frozen=True, kw_only=True)
class StateWords:
    """A state on the page."""

    icon: str
    text: str
    style: str


def state_words() -> dict[WorkState, StateWords]:
    return {
        WorkState.TO_MARK: StateWords(icon="✎", text=_("Handed in, to mark"), style="primary"),
        WorkState.TO_DECIDE: StateWords(icon="⚖", text=_("Both marks are in, to decide"), style="primary"),
        WorkState.TO_APPROVE: StateWords(icon="◐", text=_("Marked, not approved"), style="warning"),
        WorkState.HELD: StateWords(icon="⏸", text=_("Approved, not released"), style="warning"),
        WorkState.WAITING: StateWords(icon="⧗", text=_("Approved, on its way"), style="info"),
        WorkState.SENT: StateWords(icon="✓", text=_("Approved and sent"), style="success"),
        WorkState.FAILED: StateWords(icon="✕", text=_("Approved, not sent"), style="danger"),
        WorkState.NONE: StateWords(icon="–", text=_("Nothing handed in"), style="light"),
    }
