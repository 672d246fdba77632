"""Deliveries in plain words, for staff and for the student."""

from flask_babel import gettext as _

from lti_tool.scans.delivery.states import DeliveryState, Kind, Mode, StepKind


def mode_words() -> dict[str, str]:
    return {
        Mode.FEEDBACK: _("As a feedback file of the assignment"),
        Mode.HAND_IN: _("As each student's own work in the assignment"),
    }


def kind_words() -> dict[str, str]:
    return {
        Kind.SCAN: _("Scan as a feedback file"),
        Kind.MARKED: _("Marked copy and scan as feedback files"),
        Kind.WORK: _("Handed in as the student"),
    }


def state_words() -> dict[str, str]:
    return {
        DeliveryState.QUEUED: _("waits for its turn"),
        DeliveryState.RUNNING: _("on its way"),
        DeliveryState.RETRY: _("is tried again"),
        DeliveryState.CONFIRMED: _("in Moodle, read back"),
        DeliveryState.BLOCKED: _("cannot be delivered"),
        DeliveryState.CONFLICT: _("something else lies there"),
        DeliveryState.SETTLED: _("seen to by hand"),
        DeliveryState.WITHDRAWN: _("called back"),
    }


def reason_words() -> dict[str, str]:
    """What stands in the way, and who can mend it."""
    return {**_passing(), **_of_keys_and_rights(), **_of_the_assignment(), **_of_what_lies_there()}


def step_words() -> dict[str, str]:
    return {
        StepKind.QUEUED: _("put on the list"),
        StepKind.CLAIMED: _("begun"),
        StepKind.LOOKED: _("looked at what stands in Moodle"),
        StepKind.UPLOADED: _("file sent to Moodle's draft area"),
        StepKind.SAVED: _("asked Moodle to save it"),
        StepKind.HANDED_IN: _("asked Moodle to hand it in"),
        StepKind.READ_BACK: _("read back what Moodle holds"),
        StepKind.ENDED: _("ended for now"),
        StepKind.COMPARED: _("compared with what was delivered"),
        StepKind.SETTLED: _("seen to by hand"),
    }


def _passing() -> dict[str, str]:
    return {
        "moodle_silent": _("Moodle did not answer as it should."),
        "gave_up": _("Moodle has not answered for two days. Try again when it is back."),
        "feature_off": _("Calls to Moodle are switched off here for now."),
        "workflow": _("Moodle's marking workflow holds the feedback back. The file goes there once it is released."),
        "grade_first": _("The approved grade is still on its way; the file follows it."),
        "unclaimed": _("The student has not said yet that the paper is theirs. The file goes there afterwards."),
        "paper_first": _("The PDF of the paper is being put together."),
        "file_damaged": _("Our file is damaged or missing. Tell whoever runs Lectern."),
        "no_copy": _("The marked copy could not be put together."),
        "defect": _("An error of ours; it stands in the log. Tell whoever runs Lectern."),
    }


def _of_keys_and_rights() -> dict[str, str]:
    return {
        "key_needed": _("The student has not lent a key yet, took it back, or its day is over."),
        "key_of_another": _("The key belongs to somebody else."),
        "no_token": _("There is no token for this course's Moodle. A teacher enters one."),
        "token_refused": _("Moodle does not accept the key any more. A new one is needed."),
        "function_missing": _("The service of the key lacks a function. Moodle's administrator adds it."),
        "permission_missing": _("The user of the key lacks a permission in Moodle."),
        "course_closed": _("The user of the key cannot enter the course or the assignment."),
        "services_off": _("Web services are switched off in Moodle."),
        "student_unknown": _("Moodle's number of this student is not known."),
    }


def _of_the_assignment() -> dict[str, str]:
    return {
        "assignment_gone": _("Moodle has no such assignment any more. Choose another."),
        "assignment_team": _("Students hand in as groups there: a paper would become everybody's."),
        "assignment_blind": _("Marking is blind there, and a scan shows number and handwriting."),
        "assignment_timed": _("Its time limit starts a clock, which a scanned paper cannot keep."),
        "takes_no_files": _("It takes no PDF files."),
        "gives_no_files": _("Feedback files are switched off in its settings in Moodle."),
        "would_reopen": _("Moodle would open a new attempt whenever feedback is saved there."),
        "file_too_large": _("The PDF is larger than Moodle allows. Raise the limit in the assignment's settings."),
        "virus_found": _("Moodle's virus scanner refused the file."),
        "statement_needed": _("Moodle asks for agreement to a statement first."),
        "locked": _("This work is locked in Moodle. A teacher unlocks it there."),
        "not_open_yet": _("The assignment is not open yet."),
        "cut_off": _("The cut-off date has passed. A teacher may give an extension in Moodle."),
        "closed": _("Moodle takes no work now: the student is not enrolled any more, or the grade is locked."),
        "refused": _("Moodle refused, in words that say no more."),
    }


def _of_what_lies_there() -> dict[str, str]:
    return {
        "work_there": _("Other work lies there already. It is not written over; a teacher may open a new attempt."),
        "not_kept": _("Moodle took the request and kept nothing: the size or the kind of the file, or a lock."),
        "not_handed_in": _("The file lies there as a draft, and Moodle did not take it as handed in."),
        "feedback_there": _("Somebody gave feedback in Moodle itself. It is not written over."),
        "grade_changed": _("The grade or its comment was changed in Moodle. It is not written over."),
        "replaced": _("What lies in Moodle is no longer what was handed in. Ours is the one that is marked."),
        "taken_back": _("The paper is not this student's any more, or not complete. Remove the file in Moodle."),
    }
