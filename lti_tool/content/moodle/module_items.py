"""Making items of an activity: keys, what they inherit from it, and whether their content is to be read at all."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from html import escape
from pathlib import Path

from lti_tool.content.items import CourseItem, ItemKind
from lti_tool.content.moodle.overview import Json, MoodleModule
from lti_tool.content.moodle.records import Records
from lti_tool.content.moodle.standing import Standing
from lti_tool.moodle.client import MoodleClient

TAGS = re.compile(r"<[^>]*>|&nbsp;|\s")
DESCRIBED = re.compile(r"<img\b[^>]*\balt\s*=\s*[\"']?[^\"'\s>]", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class CourseReading:
    """One reading of a course. `changed` are the activities Moodle calls changed; None reads every one."""

    client: MoodleClient
    records: Records
    standing: Mapping[str, Standing]
    folder: Path
    most_bytes: int
    changed: frozenset[int] | None = None
    began_at: datetime = field(default_factory=lambda: datetime.now(UTC))

    def record_of(self, module: MoodleModule) -> Json:
        return self.records.by_module.get(module.number, {})

    def is_to_be_asked(self, module: MoodleModule) -> bool:
        """Whether an activity that keeps its text to itself must be asked for it again."""
        if self.changed is None or module.number in self.changed:
            return True
        parts = self.parts_of(module)
        return not parts or any(self._is_missing(module, key, part) for key, part in parts.items())

    def parts_of(self, module: MoodleModule) -> dict[str, Standing]:
        """What we have of an activity, its parts included."""
        own = key_of(module)
        return {key: each for key, each in self.standing.items() if key == own or key.startswith(f"{own}:")}

    def is_wanted(self, key: str, *, is_hidden: bool, is_restricted: bool) -> bool:
        """As the teacher chose, else unless it is hidden or restricted: other content is never fetched."""
        chosen = self.standing[key].is_wanted if key in self.standing else None
        return not (is_hidden or is_restricted) if chosen is None else chosen

    def _is_missing(self, module: MoodleModule, key: str, part: Standing) -> bool:
        """Wanted, perhaps only now, and never read."""
        is_hidden = module.is_hidden or part.is_hidden
        return not part.is_read and self.is_wanted(key, is_hidden=is_hidden, is_restricted=module.is_restricted)

    def has(self, module: MoodleModule, key: str, version: str) -> bool:
        """Whether this very version of a file or chapter is here."""
        known = self.standing.get(key)
        is_touched = self.changed is not None and module.number in self.changed
        return known is not None and known.is_read and known.version == version and not is_touched


def key_of(module: MoodleModule, part: str = "") -> str:
    return f"{module.kind}:{module.number}:{part}" if part else f"{module.kind}:{module.number}"


def item_of(
    module: MoodleModule,
    kind: ItemKind,
    *,
    part: str = "",
    title: str = "",
    url: str = "",
    is_hidden: bool = False,
    is_restricted: bool = False,
    **content: object,
) -> CourseItem:
    """An item of the activity, or of a part of it; it is no more visible than the activity."""
    return CourseItem(
        key=key_of(module, part),
        kind=kind,
        title=title or module.name,
        section=module.section.name,
        url=url or module.url,
        is_hidden=is_hidden or module.is_hidden,
        is_restricted=is_restricted or module.is_restricted,
        **content,  # type: ignore[arg-type]
    )


def kept_item(module: MoodleModule, key: str, standing: Standing) -> CourseItem:
    """A part that was not asked for this time stays as it is, under the activity's present visibility."""
    part = key.removeprefix(key_of(module)).removeprefix(":")
    return item_of(
        module,
        ItemKind(standing.kind),
        part=part,
        title=standing.title,
        url=standing.url or "",
        is_hidden=standing.is_hidden and bool(part),
        version=standing.version,
    )


def text_items(reading: CourseReading, module: MoodleModule, kind: ItemKind, *blocks: str) -> list[CourseItem]:
    """One item of these blocks of HTML; none where nobody wrote anything."""
    html = "\n".join(block for block in blocks if has_text(block))
    if not html:
        return []
    wanted = reading.is_wanted(key_of(module), is_hidden=module.is_hidden, is_restricted=module.is_restricted)
    return [item_of(module, kind, html=html if wanted else None)]


def has_text(html: str) -> bool:
    """Whether a reader would see words, or hear those of a picture."""
    return bool(TAGS.sub("", html)) or bool(DESCRIBED.search(html))


def line(label: str, value: object) -> str:
    return f"<p>{escape(label)}: {escape(str(value))}</p>"


def moment(label: str, seconds: object) -> str:
    """A line with a date; Moodle counts seconds and says 0 for never. It does not tell its time zone."""
    if not isinstance(seconds, int) or seconds <= 0:
        return ""
    return line(label, f"{datetime.fromtimestamp(seconds, UTC):%A, %d %B %Y, %H:%M} UTC")


def heading(level: int, text: str) -> str:
    return f"<h{level}>{escape(text)}</h{level}>"
