"""Which web service functions each thing needs: the operators' lists, the doctor's table, the data perimeter.

What writes to Moodle stands apart: a grade or feedback file that a person approved, work that a student hands in with a
key of their own, and a message that questions wait (R19, R78, R172, R182, R229).
"""

from collections.abc import Collection
from dataclasses import dataclass

from lti_tool.site_settings.patterns import N_

SITE = "core_webservice_get_site_info"
CONTENTS = "core_course_get_contents"
STATE = "core_courseformat_get_state"
OPTIONS = "core_course_get_user_administration_options"
UPDATES = "core_course_get_updates_since"
ASSIGNMENTS = "mod_assign_get_assignments"
PARTICIPANTS = "mod_assign_list_participants"
MAPPINGS = "mod_assign_get_user_mappings"
SUBMISSIONS = "mod_assign_get_submissions"
STATUS = "mod_assign_get_submission_status"
GRADES = "mod_assign_get_grades"
SAVE_GRADE = "mod_assign_save_grade"
DEFINITIONS = "core_grading_get_definitions"
INSTANCES = "core_grading_get_gradingform_instances"
GRADE_ITEMS = "gradereport_user_get_grade_items"
SAVE_WORK = "mod_assign_save_submission"
HAND_IN = "mod_assign_submit_for_grading"
SEND_MESSAGES = "core_message_send_instant_messages"


@dataclass(frozen=True, kw_only=True)
class Unlocks:
    """Something a token makes possible, and what Moodle's service must contain for it."""

    label: str
    functions: tuple[str, ...]
    needs_downloads: bool = False
    needs_uploads: bool = False
    is_essential: bool = False


FEATURES = (
    Unlocks(
        label=N_("Sections and what is hidden or restricted"), functions=(CONTENTS, STATE, OPTIONS), is_essential=True
    ),
    Unlocks(label=N_("Only what changed since the last reading"), functions=(UPDATES,)),
    Unlocks(label=N_("Pages"), functions=("mod_page_get_pages_by_courses",)),
    Unlocks(label=N_("Text and media areas"), functions=("mod_label_get_labels_by_courses",)),
    Unlocks(label=N_("Books"), functions=("mod_book_get_books_by_courses",), needs_downloads=True),
    Unlocks(label=N_("Files"), functions=("mod_resource_get_resources_by_courses",), needs_downloads=True),
    Unlocks(label=N_("Folders"), functions=("mod_folder_get_folders_by_courses",), needs_downloads=True),
    Unlocks(label=N_("Assignments"), functions=(ASSIGNMENTS,)),
    Unlocks(label=N_("Quizzes: description and dates"), functions=("mod_quiz_get_quizzes_by_courses",)),
    Unlocks(label=N_("Forums: description"), functions=("mod_forum_get_forums_by_courses",)),
    Unlocks(
        label=N_("Glossaries"),
        functions=("mod_glossary_get_glossaries_by_courses", "mod_glossary_get_entries_by_letter"),
    ),
    Unlocks(
        label=N_("Wikis"),
        functions=("mod_wiki_get_wikis_by_courses", "mod_wiki_get_subwikis", "mod_wiki_get_subwiki_pages"),
    ),
    Unlocks(
        label=N_("Lessons"),
        functions=("mod_lesson_get_lessons_by_courses", "mod_lesson_get_pages", "mod_lesson_get_page_data"),
    ),
    Unlocks(label=N_("Links: address and description"), functions=("mod_url_get_urls_by_courses",)),
)
MARKING = Unlocks(
    label=N_("Marking assignments here"),
    functions=(ASSIGNMENTS, PARTICIPANTS, SUBMISSIONS, STATUS, GRADES, DEFINITIONS, SAVE_GRADE),
    needs_downloads=True,
)
"""Apart from what is only read: a service for the tutor alone should not hold a function that writes."""
READING_BACK = Unlocks(
    label=N_("What Moodle’s gradebook shows and its rubrics hold"), functions=(GRADE_ITEMS, INSTANCES)
)
"""Marking works without it: a grade that was changed in the gradebook alone is then not noticed."""
FEEDBACK_FILES = Unlocks(
    label=N_("Feedback files of paper exams"),
    functions=(ASSIGNMENTS, STATUS, GRADES, DEFINITIONS, SAVE_GRADE),
    needs_downloads=True,
    needs_uploads=True,
)
FILE_NAMES = Unlocks(label=N_("Marked papers named for Moodle’s bulk upload"), functions=(ASSIGNMENTS, MAPPINGS))
WATCHING = Unlocks(label=N_("Papers handed in by students' keys"), functions=(ASSIGNMENTS, STATUS))
HANDING_IN = Unlocks(
    label=N_("Handing in as a student"),
    functions=(ASSIGNMENTS, STATUS, SAVE_WORK, HAND_IN),
    needs_uploads=True,
)
"""What the key of a student must be able to do."""
MESSAGES = Unlocks(label=N_("Telling teachers by a message that questions wait"), functions=(SEND_MESSAGES,))
"""Without it they are told by e-mail, where the site has a mail server."""
EVERY_FUNCTION = (SITE, *dict.fromkeys(name for feature in FEATURES for name in feature.functions))


@dataclass(frozen=True, kw_only=True)
class Unlocked:
    """A feature under a token, with what is missing by name."""

    feature: Unlocks
    missing: tuple[str, ...]
    lacks_downloads: bool
    lacks_uploads: bool = False

    @property
    def works(self) -> bool:
        return not self.missing and not self.lacks_downloads and not self.lacks_uploads


def unlocked_by(functions: Collection[str], *, may_download: bool) -> list[Unlocked]:
    """Every feature that a teacher's token is for, in the order of the table."""
    return [unlocking(feature, functions, may_download=may_download) for feature in (*FEATURES, MESSAGES)]


def unlocking(feature: Unlocks, functions: Collection[str], *, may_download: bool, may_upload: bool = True) -> Unlocked:
    """One feature."""
    return Unlocked(
        feature=feature,
        missing=tuple(name for name in feature.functions if name not in functions),
        lacks_downloads=feature.needs_downloads and not may_download,
        lacks_uploads=feature.needs_uploads and not may_upload,
    )
