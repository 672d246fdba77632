"""Activities whose text comes with their record: page, text area, link, assignment, quiz, forum, and any other."""

from html import escape

from lti_tool.content.items import CourseItem, ItemKind
from lti_tool.content.moodle.module_items import CourseReading, line, moment, text_items
from lti_tool.content.moodle.overview import MoodleModule


def page(reading: CourseReading, module: MoodleModule) -> list[CourseItem]:
    """Introduction and content (R28)."""
    record = reading.record_of(module)
    return text_items(reading, module, ItemKind.PAGE, record.get("intro", ""), record.get("content", ""))


def label(reading: CourseReading, module: MoodleModule) -> list[CourseItem]:
    """A text on the course page (R30)."""
    return text_items(reading, module, ItemKind.LABEL, reading.record_of(module).get("intro", module.description))


def link(reading: CourseReading, module: MoodleModule) -> list[CourseItem]:
    """Address and description; the address is never opened (R37)."""
    record = reading.record_of(module)
    address = escape(str(record.get("externalurl", "")))
    return text_items(reading, module, ItemKind.LINK, record.get("intro", ""), f"<p>{address}</p>")


def assignment(reading: CourseReading, module: MoodleModule) -> list[CourseItem]:
    """Description, instructions, dates and points (R31); Moodle itself keeps back a description until its time."""
    record = reading.record_of(module)
    points = record.get("grade", 0)
    return text_items(
        reading,
        module,
        ItemKind.ASSIGNMENT,
        record.get("intro", ""),
        record.get("activity", ""),
        moment("Submissions from", record.get("allowsubmissionsfromdate")),
        moment("Due date", record.get("duedate")),
        moment("Cut-off date", record.get("cutoffdate")),
        # A negative grade is the number of a scale.
        line("Maximum grade", points) if isinstance(points, int) and points > 0 else "",
    )


def quiz(reading: CourseReading, module: MoodleModule) -> list[CourseItem]:
    """Description and dates (R32); never a question."""
    record = reading.record_of(module)
    minutes = int(record.get("timelimit") or 0) // 60
    return text_items(
        reading,
        module,
        ItemKind.QUIZ,
        record.get("intro", ""),
        moment("Opens", record.get("timeopen")),
        moment("Closes", record.get("timeclose")),
        line("Time limit in minutes", minutes) if minutes else "",
    )


def forum(reading: CourseReading, module: MoodleModule) -> list[CourseItem]:
    """The description alone: posts are people's own words (R33)."""
    return text_items(reading, module, ItemKind.FORUM, reading.record_of(module).get("intro", ""))


def other(reading: CourseReading, module: MoodleModule) -> list[CourseItem]:
    """Any other activity: its description where the course page shows it (R39)."""
    return text_items(reading, module, ItemKind.OTHER, module.description)
