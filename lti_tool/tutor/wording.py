"""The sentences for what can happen to a question (R26), by code, in the language of the launch."""

from flask_babel import LazyString
from flask_babel import lazy_gettext as _

from lti_tool.errors import ToolError

ERRORS: dict[str, LazyString] = {
    "question_empty": _("Write a question first."),
    "question_too_long": _("Your question is too long. Shorten it and send it again."),
    "burst_limit": _("That was quick. Wait a minute before the next question."),
    "daily_limit": _("You have used all questions of today. Come back tomorrow."),
    "turn_running": _("An answer is still being written. Wait for it or stop it."),
    "notice_open": _("Please read and accept the privacy notice first."),
    "turn_unknown": _("This question no longer exists. Reload the page."),
    "turn_not_failed": _("This question needs no second try."),
    "turn_not_last": _("Ask the question again instead."),
    "attachment_unknown": _("An attached file is gone. Attach it again."),
    "too_many_attachments": _("These are too many files for one question."),
    "uploads_off": _("Files cannot be attached in this course."),
    "transcription_off": _("Recordings are not transcribed in this course."),
    "recording_too_long": _("This recording is too long. Say it in fewer words."),
    "recording_unknown": _("This is no recording that can be transcribed."),
    "message_malformed": _("This page is out of date. Reload it."),
    "node_lost": _("The answer was interrupted on our side. Your question is kept."),
    "circuit_open": _("The language model is having problems and was paused. Try again in a few minutes."),
    "output_blocked": _("This answer was withheld, because it repeated what the tutor was told. Ask in other words."),
    "cost_cap": _("This course has used up its budget for the language model. It is renewed with the new month."),
    "content_filter": _("The language model's provider refused this question because of its content rules."),
    "launch_expired": _("This page has expired. Open the activity again from your course."),
}
UNKNOWN = _("The answer could not be written. Your question is kept; try again in a moment.")

OUTCOMES: dict[str, LazyString] = {
    "refusal": _("The course material does not say anything about this. Try other words, or ask your teacher."),
    "quotation": _("These passages of the course material fit your question best. They are quotations, word for word."),
    "cancelled": _("You stopped this answer."),
}
UNCITED = _("This answer names no passage of the course material. Check it before you rely on it.")


def refusal_text(error: ToolError) -> str:
    """What a person reads about a question or a file that was refused; of a file, what is wrong with that file."""
    return str(ERRORS.get(error.code) or error.message)


def error_text(code: str | None) -> str:
    """What a person reads about an error; a code without a sentence of its own gets the general one."""
    return str(ERRORS.get(code or "", UNKNOWN))
