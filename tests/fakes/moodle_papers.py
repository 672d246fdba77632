"""Files that come to an assignment of the fake Moodle: draft areas, work that students hand in, feedback files.

It keeps what Moodle 4.5.6 keeps, and says as little: a file that is too large is skipped in silence, a refusal is a
list of warnings, and a save replaces everything that was there.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from tests.fakes.moodle_assignments import NOW, FakeAssignment, FakeWork, assignment_of, settings_of

if TYPE_CHECKING:
    from tests.fakes.moodle import FakeMoodle

Json = dict[str, Any]
Form = Mapping[str, str]
CONTEXT = 77


def upload(moodle: "FakeMoodle", token: str, draft: int, name: str, content: bytes) -> Json | list[Json]:
    if token not in moodle.tokens:
        return {"error": "No.", "errorcode": "invalidtoken"}
    if len(content) > moodle.most_bytes:
        return [{"filename": name, "errortype": "fileoversized", "error": "Too large"}]
    number = draft or 9000 + len(moodle.drafts)
    area = moodle.drafts.setdefault(number, {})
    if name in area:
        return [{"filename": name, "errortype": "filenameexist", "error": "There"}]
    area[name] = content
    return [{"component": "user", "itemid": number, "filename": name, "filesize": len(content)}]


def save_submission(moodle: "FakeMoodle", form: Form) -> list[Json]:
    each, user = assignment_of(moodle, form["assignmentid"]), moodle.tokens[form["wstoken"]]
    work = each.work_of(user)
    if not each.takes_work_of(user):
        return _warning("couldnotsavesubmission")
    content = moodle.drafts.get(int(form["plugindata[files_filemanager]"]), {})
    kept = {name: data for name, data in content.items() if len(data) <= each.most_bytes}
    if not kept:
        return _warning("couldnotsavesubmission")
    has_drafts = settings_of(each).get("submissiondrafts")
    made = each.hand_in(
        user,
        "",
        attempt=work.attempt if work else 0,
        status="draft" if has_drafts else "submitted",
        files=[_file(moodle, "assignsubmission_file", each, user, name, data) for name, data in kept.items()],
    )
    each.receipts += made.status == "submitted"
    return []


def submit_for_grading(moodle: "FakeMoodle", form: Form) -> list[Json]:
    each, user = assignment_of(moodle, form["assignmentid"]), moodle.tokens[form["wstoken"]]
    work = each.work_of(user)
    is_agreed = not settings_of(each).get("requiresubmissionstatement") or form["acceptsubmissionstatement"] == "1"
    if work is None or work.status == "submitted" or not each.takes_work_of(user) or not is_agreed:
        return _warning("couldnotsubmitforgrading")
    work.status = "submitted"
    each.receipts += 1
    return []


def keep_feedback(moodle: "FakeMoodle", each: FakeAssignment, user: int, form: Form) -> None:
    """As the last part of saving a grade."""
    draft = form.get("plugindata[files_filemanager]")
    if draft is not None:
        content = moodle.drafts.get(int(draft), {})
        each.feedback[user] = [
            _file(moodle, "assignfeedback_file", each, user, name, data) for name, data in content.items()
        ]


def other_work(moodle: "FakeMoodle", each: FakeAssignment, user: int, **values: Any) -> FakeWork:
    """Work that lies there already."""
    files = [_file(moodle, "assignsubmission_file", each, user, "mine.pdf", b"%PDF-of mine")]
    return each.hand_in(user, "", files=files, changed_at=NOW, **values)


def other_feedback(moodle: "FakeMoodle", each: FakeAssignment, user: int, name: str = "by-hand.pdf") -> None:
    """A file that a teacher gave in Moodle."""
    each.feedback.setdefault(user, []).append(_file(moodle, "assignfeedback_file", each, user, name, b"%PDF-by hand"))
    each.grades.setdefault((user, 0), {"grade": -1, "comment": ""})


def content_of(moodle: "FakeMoodle", listed: Json) -> bytes:
    path = listed["fileurl"].removeprefix(moodle.url).partition("?")[0]
    return moodle.files[path][0]


def _file(moodle: "FakeMoodle", area: str, each: FakeAssignment, user: int, name: str, data: bytes) -> Json:
    return moodle.file(f"{CONTEXT}/{area}/files/{each.number}-{user}/{name}", data, "application/pdf")


def _warning(code: str) -> list[Json]:
    return [{"item": "module", "itemid": 1, "warningcode": code, "message": "No"}]
