"""Fetching a file that a web service listed: into the reading's folder, or a reason."""

from pathlib import Path
from uuid import uuid4

from lti_tool.content.moodle.module_items import CourseReading
from lti_tool.content.moodle.overview import Json
from lti_tool.errors import PlatformFailed
from lti_tool.site_settings.patterns import N_

TOO_LARGE = N_("This file is larger than what may be read here.")


def fetched(reading: CourseReading, listed: Json) -> tuple[Path | None, str]:
    """The file on this machine for the length of the reading; or None and a sentence for the teacher."""
    if int(listed.get("filesize") or 0) > reading.most_bytes:
        return None, TOO_LARGE
    target = reading.folder / uuid4().hex
    try:
        reading.client.download(str(listed["fileurl"]), target, most_bytes=reading.most_bytes)
    except PlatformFailed as failure:
        return None, TOO_LARGE if failure.code == "answer_too_large" else failure.sentence
    return target, ""
