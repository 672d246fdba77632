"""How flags, runs and the reasons of failures are said."""

from flask_babel import gettext as _

from lti_tool.grading.agreement.gate import DraftingCode
from lti_tool.grading.proposals.models import Flag, RunState, RunWay


def flag_words() -> dict[Flag, str]:
    """What a marker should know before trusting a proposal."""
    return {
        Flag.STEERED: _(
            "Parts of this work speak to the grader, and with them the proposal is another one. Both are shown."
        ),
        Flag.SUSPICIOUS: _("Parts of this work try to instruct a grader. The proposal was made without them."),
        Flag.CONCEALED: _("This work holds text that its readers do not see. The proposal was made without it."),
        Flag.QUOTES_STRUCK: _("Quotations that do not stand in the work are struck out."),
        Flag.CUT: _("The work is long: only its beginning was read for this proposal."),
        Flag.UNREAD_FILES: _("Not every file could be read as text."),
        Flag.PICTURES: _(
            "The assistant looked at pictures. What it read there cannot be checked, nor whether it speaks to graders."
        ),
    }


def state_words() -> dict[RunState, str]:
    return {
        RunState.TODO: _("Waiting"),
        RunState.DOING: _("At work"),
        RunState.SUCCEEDED: _("Finished"),
        RunState.FAILED: _("Ended early"),
        RunState.CANCELLED: _("Stopped"),
    }


def way_words() -> dict[RunWay, str]:
    return {
        RunWay.AT_ONCE: _("At once"),
        RunWay.OVERNIGHT: _("Overnight"),
        RunWay.PROVIDER: _("As a batch of the model server"),
    }


def reason_words(code: str) -> str:
    """Why a draft was not made, or why a run ended or waits."""
    return _reasons().get(code) or _("Something went wrong (%(code)s). Ask for the draft again.", code=code)


def gate_words() -> dict[DraftingCode, str]:
    """Why drafts are allowed, or not yet."""
    return {
        DraftingCode.NO_SAMPLE: _("Drafts begin after a blind sample: draw one and grade it first."),
        DraftingCode.SAMPLE_OPEN: _("The blind sample is not graded yet."),
        DraftingCode.NOT_MEASURED: _("How far drafts agree with your grades is not measured yet."),
        DraftingCode.OTHER_MODEL: _(
            "The figures are of another model, or of another version of its instructions. The present one grades the"
            " sample too, within minutes; drafts begin when it reaches your bar."
        ),
        DraftingCode.BELOW_BAR: _("Drafts agree less with your grades than your bar demands."),
        DraftingCode.DRIFTED: _("Drafts agree less with your grades than they did, and were switched off."),
        DraftingCode.EARNED: _("Drafts agree with your grades as far as you demand."),
    }


def _reasons() -> dict[str, str]:
    busy = _("The model server does not answer. It is tried again.")
    return {
        "feature_off": _("Drafts of marks, or all outgoing calls, are switched off."),
        "cost_cap": _("This course has used up its budget for the language model."),
        "not_configured": _("No language model is configured."),
        "drafts_not_allowed": _("The assistant may not draft for this activity."),
        "rubric_missing": _("Drafts of marks need a rubric."),
        "provider_busy": busy,
        "provider_error": busy,
        "provider_timeout": busy,
        "provider_unreachable": busy,
        "answer_broken_off": busy,
        "circuit_open": busy,
        "provider_key_refused": _("The model server refused our key."),
        "provider_not_allowed": _(
            "The model server's address is not allowed. An administrator can name its host under “Allowed hosts”."
        ),
        "provider_refused": _("The model server did not accept the request."),
        "content_filter": _("The language model's provider refused this work for its content."),
        "answer_unreadable": _("The model's answer did not fit the rubric, also when it was asked again."),
        "work_unreadable": _("Nothing in this work can be read as text."),
        "submission_outdated": _("The student has handed in again."),
        "batch_unknown": _("The model server takes no batches. Ask at once or overnight instead."),
        "batch_failed": _("The model server gave up the batch. Ask at once or overnight instead."),
        "gave_up": _("The model server was away for too long."),
    }
