"""What each kind of activity says of its instances in the course: one call a kind, however many there are.

A kind whose call fails has a reason in place of records; the other kinds are read all the same.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from lti_tool.content.moodle.overview import Json
from lti_tool.errors import NotAllowed, PlatformFailed
from lti_tool.moodle.client import MoodleClient
from lti_tool.moodle.refusals import NO_MOODLE

LISTS = {
    "page": ("mod_page_get_pages_by_courses", "pages"),
    "label": ("mod_label_get_labels_by_courses", "labels"),
    "book": ("mod_book_get_books_by_courses", "books"),
    "resource": ("mod_resource_get_resources_by_courses", "resources"),
    "folder": ("mod_folder_get_folders_by_courses", "folders"),
    "assign": ("mod_assign_get_assignments", "courses"),
    "quiz": ("mod_quiz_get_quizzes_by_courses", "quizzes"),
    "forum": ("mod_forum_get_forums_by_courses", ""),
    "glossary": ("mod_glossary_get_glossaries_by_courses", "glossaries"),
    "wiki": ("mod_wiki_get_wikis_by_courses", "wikis"),
    "lesson": ("mod_lesson_get_lessons_by_courses", "lessons"),
    "url": ("mod_url_get_urls_by_courses", "urls"),
}


@dataclass(kw_only=True)
class Records:
    """Records by the activity's number, and reasons by kind."""

    by_module: dict[int, Json] = field(default_factory=dict)
    reasons: dict[str, str] = field(default_factory=dict)


def records_of(client: MoodleClient, course: int, kinds: Iterable[str]) -> Records:
    """Ask for every kind that the course has; raises NotAllowed alone, when the switch is turned off meanwhile."""
    records = Records()
    for kind in sorted(set(kinds) & set(LISTS)):
        function, name = LISTS[kind]
        try:
            answer = client.call(function, courseids=[course])
            records.by_module |= {_number(record): record for record in _listed(answer, name)}
        except NotAllowed:
            raise
        except PlatformFailed as failure:
            records.reasons[kind] = failure.sentence
        except (KeyError, TypeError, ValueError):
            records.reasons[kind] = NO_MOODLE
    return records


def _listed(answer: Any, name: str) -> list[Json]:
    """Forums come as a bare list, assignments in a list within their course."""
    found: list[Json] = answer if not name else answer[name]
    if name == "courses":
        return [assignment for course in found for assignment in course["assignments"]]
    return found


def _number(record: Mapping[str, Any]) -> int:
    return int(record["cmid"] if "cmid" in record else record["coursemodule"])
