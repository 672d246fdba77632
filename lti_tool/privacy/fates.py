"""For each column that names a person or a file: what becomes of its rows when the person is erased or the file goes.

A test compares both lists with the tables: a column that is added later has no fate and fails it.

    deleted    the row goes                       unlinked   the row stays and names nobody
    emptied    the row stays as the record that something was, without what was said in it (erasing.py)
    kept       a record of a decision, a hash or an act; it names a number that no longer leads to anybody
"""

from enum import StrEnum


class Fate(StrEnum):
    DELETED = "deleted"
    UNLINKED = "unlinked"
    EMPTIED = "emptied"
    KEPT = "kept"


_DELETED = (
    "allocation.person_id",
    "bank_comment.owner_id",
    "bound_launch.person_id",
    "conversation.person_id",
    "desk_preference.person_id",
    "escalation_asker.person_id",
    "lent_key.person_id",
    "letter.person_id",
    "look.person_id",
    "membership.person_id",
    "notice_acceptance.person_id",
    "private_note.person_id",
    "question_asked.person_id",
    "roster_entry.person_id",
    "turn_attachment.person_id",
    "work_draft.person_id",
)
_UNLINKED = ("booklet.person_id", "bound_launch.reviewed_person_id", "event.person_id", "llm_call.person_id")
_EMPTIED = (
    "grade.person_id",
    "paper.person_id",
    "regrade_request.person_id",
    "submission.person_id",
    "verification.person_id",
)
_KEPT = (
    "allocation.created_by_id",
    "allocation.marker_id",
    "approval.approved_by_id",
    "approval_end.ended_by_id",
    "course_archive.created_by_id",
    "delivery.person_id",
    "delivery.settled_by_id",
    "delivery_step.by_id",
    "delivery_target.chosen_by_id",
    "discard.by_id",
    "draft_run.asked_by_id",
    "escalation.author_id",
    "exemplar.created_by_id",
    "grade.recorded_by_id",
    "grade_look.person_id",
    "grading_gate.changed_by_id",
    "independent_mark.marker_id",
    "kept_page_mark.marker_id",
    "page_mark.marker_id",
    "page_mark.owner_id",
    "paper_judgement.person_id",
    "paper_reminder.by_id",
    "placement.created_by_id",
    "print_run.by_id",
    "private_note.author_id",
    "push.person_id",
    "question_pages.set_by_id",
    "question_tick.marker_id",
    "question_tick.owner_id",
    "regrade_request.answered_by_id",
    "report_answer.by_id",
    "review.marker_id",
    "roster_entry.by_id",
    "roster_sync.decided_by_id",
    "rubric.created_by_id",
    "scan_batch.uploaded_by_id",
    "scan_export.by_id",
    "scan_page.changed_by_id",
    "scan_purge.by_id",
    "scan_step.by_id",
    "scan_upload.by_id",
    "scanner_key.created_by_id",
    "source.created_by_id",
    "verification.by_id",
    "work_upload.uploaded_by_id",
)

PEOPLE: dict[str, Fate] = {
    column: fate
    for fate, columns in (
        (Fate.DELETED, _DELETED),
        (Fate.UNLINKED, _UNLINKED),
        (Fate.EMPTIED, _EMPTIED),
        (Fate.KEPT, _KEPT),
    )
    for column in columns
}

FILES = {
    "course_archive.file_id": "goes with the import that it was read for",
    "delivery.file_id": "goes with its paper",
    "marked_copy.file_id": "goes with its paper or its student",
    "print_run.file_id": "kept with the exam: covers without answers",
    "scan_export.file_id": "goes after a week, or with the papers",
    "scan_file.file_id": "goes with the exam's scans, or with the last student whose pages it holds",
    "scan_page.image_id": "goes with the exam's scans, or with its student",
    "source.file_id": "kept with the course's material",
    "submission_file.file_id": "goes with its paper or its student",
    "turn_attachment.file_id": "goes with its conversation",
    "work_upload.file_id": "goes when it was kept long enough",
}
"""What has the file of each column deleted."""
