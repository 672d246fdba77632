"""Assignments of the fake Moodle: what was handed in, how it is graded, and what `mod_assign_save_grade` keeps.

It answers as Moodle 4.5.6 does: null whether a grade was saved or not, a rubric's grade calculated from its levels,
grades listed of the latest attempt alone, and an attempt reopened by its grade.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.fakes.moodle import FakeMoodle

Json = dict[str, Any]
Form = Mapping[str, str]
NOW = 1_795_229_753
"""The fake's clock, in seconds as Moodle counts."""


@dataclass(kw_only=True)
class FakeWork:
    """One person's, or with `user` 0 one group's, latest attempt."""

    user: int
    html: str = ""
    files: list[Json] = field(default_factory=list)
    attempt: int = 0
    changed_at: int = NOW
    status: str = "submitted"
    group: int = 0


@dataclass(kw_only=True)
class FakeAssignment:
    """`participants` are user numbers with name and group; `grades` by user and attempt."""

    number: int
    module: int
    record: Json = field(default_factory=dict)
    works: list[FakeWork] = field(default_factory=list)
    participants: dict[int, Json] = field(default_factory=dict)
    definitions: list[Json] = field(default_factory=list)
    active: str = ""
    locked: set[int] = field(default_factory=set)
    reopens: bool = False
    grades: dict[tuple[int, int], Json] = field(default_factory=dict)
    overridden: dict[int, float] = field(default_factory=dict)
    filled: dict[tuple[int, int], list[Json]] = field(default_factory=dict)
    workflow: dict[int, str] = field(default_factory=dict)
    saved: list[Json] = field(default_factory=list)
    feedback: dict[int, list[Json]] = field(default_factory=dict)
    closed: set[int] = field(default_factory=set)
    most_bytes: int = 10**9
    receipts: int = 0
    """How often Moodle told somebody that work was handed in."""

    def takes_work_of(self, user: int) -> bool:
        """Drafts that were handed in are closed; without drafts work may be replaced."""
        work = self.work_of(user)
        is_in = bool(self.record.get("submissiondrafts")) and work is not None and work.status == "submitted"
        return user not in self.closed and not is_in

    def hand_in(self, user: int, html: str = "<p>My essay</p>", **values: Any) -> FakeWork:
        """New work, or the same person's work as it is now."""
        self.participants.setdefault(
            user, {"id": user, "fullname": f"Person {user}", "groupid": values.get("group", 0)}
        )
        self.works = [work for work in self.works if work.user != user]
        work = FakeWork(user=user, html=html, **values)
        self.works.append(work)
        return work

    def define(self, method: str, content: Json, *, changed_at: int = NOW, status: int = 20) -> None:
        self.active = method
        self.definitions = [
            {"id": 1, "method": method, "name": method, "status": status, "timemodified": changed_at, method: content}
        ]

    def work_of(self, user: int) -> FakeWork | None:
        group = self.participants.get(user, {}).get("groupid", 0)
        own = [work for work in self.works if work.user == user or (work.user == 0 and work.group == group)]
        return own[0] if own else None


def rubric(*criteria: tuple[str, *tuple[float, ...]]) -> Json:
    """rubric(("Clarity", 0, 2, 4)): numbers of criteria count from 11, of levels from a hundred times that."""
    return {
        "rubric_criteria": [
            {
                "id": number,
                "sortorder": number,
                "description": title,
                "levels": [
                    {"id": number * 100 + place, "score": points, "definition": f"level {place}"}
                    for place, points in enumerate(levels)
                ],
            }
            for number, (title, *levels) in enumerate(criteria, start=11)
        ]
    }


CONFIGS = [
    {"subtype": "assignsubmission", "plugin": "file", "name": "maxfilesubmissions", "value": "1"},
    {"subtype": "assignsubmission", "plugin": "file", "name": "maxsubmissionsizebytes", "value": "1048576"},
    {"subtype": "assignsubmission", "plugin": "file", "name": "filetypeslist", "value": ""},
    {"subtype": "assignsubmission", "plugin": "onlinetext", "name": "enabled", "value": "1"},
    {"subtype": "assignfeedback", "plugin": "file", "name": "enabled", "value": "1"},
    {"subtype": "assignfeedback", "plugin": "comments", "name": "enabled", "value": "1"},
]


def listed(moodle: "FakeMoodle", form: Form) -> Json:
    plain = [moodle.record_of(module, "cmid") for module in moodle.modules if module.kind == "assign"]
    found = [settings_of(each) for each in moodle.assignments_here]
    return {"courses": [{"id": 2, "assignments": [*plain, *found]}], "warnings": []}


def settings_of(each: FakeAssignment) -> Json:
    settings = {
        "id": each.number,
        "cmid": each.module,
        "name": f"Essay {each.number}",
        "grade": 50,
        "duedate": 0,
        "nosubmissions": 0,
        "teamsubmission": 0,
        "blindmarking": 0,
        "revealidentities": 0,
        "markingworkflow": 0,
        "intro": "<p>Why does ice float?</p>",
        "submissiondrafts": 0,
        "attemptreopenmethod": "manual",
        "configs": CONFIGS,
    }
    return settings | each.record


def participants(moodle: "FakeMoodle", form: Form) -> list[Json]:
    return list(assignment_of(moodle, form["assignid"]).participants.values())


def submissions(moodle: "FakeMoodle", form: Form) -> Json:
    each = assignment_of(moodle, form["assignmentids[0]"])
    wanted = [
        _submission(each.number * 100 + work.user, work)
        for work in each.works
        if work.status == form["status"] and work.changed_at >= int(form["since"])
    ]
    return {"assignments": [{"assignmentid": each.number, "submissions": wanted}], "warnings": []}


def _submission(number: int, work: FakeWork) -> Json:
    return {
        "id": number,
        "userid": work.user,
        "groupid": work.group,
        "attemptnumber": work.attempt,
        "timemodified": work.changed_at,
        "status": work.status,
        "plugins": [
            {"type": "onlinetext", "fileareas": [], "editorfields": [{"name": "onlinetext", "text": work.html}]},
            {"type": "file", "fileareas": [{"area": "submission_files", "files": work.files}]},
        ],
    }


def status(moodle: "FakeMoodle", form: Form) -> Json:
    each, user = assignment_of(moodle, form["assignid"]), int(form["userid"])
    work = each.work_of(user)
    is_open = each.takes_work_of(user)
    attempt: Json = {
        "gradingstatus": each.workflow.get(user, "notgraded"),
        "caneditowner": is_open,
        "canedit": is_open,
        "locked": user in each.closed,
    }
    if work is not None:
        kept = _submission(each.number * 100 + work.user, work)
        attempt["teamsubmission" if work.user == 0 else "submission"] = kept
    latest = work.attempt if work else 0
    earlier = [{"attemptnumber": number, "grade": _grade(each, user, number)} for number in range(latest)]
    return {"lastattempt": attempt, "previousattempts": earlier, **_feedback(each, user, latest), "warnings": []}


def _feedback(each: FakeAssignment, user: int, attempt: int) -> Json:
    """In a marking workflow nothing is shown before the release."""
    grade = _grade(each, user, attempt)
    if grade is None or each.workflow.get(user, "") not in {"", "released"}:
        return {}
    comment = {"name": "comments", "text": each.grades[user, attempt].get("comment", ""), "format": 1}
    files = {"type": "file", "fileareas": [{"area": "feedback_files", "files": each.feedback.get(user, [])}]}
    return {"feedback": {"grade": grade, "plugins": [{"type": "comments", "editorfields": [comment]}, files]}}


def _grade(each: FakeAssignment, user: int, attempt: int) -> Json | None:
    found = each.grades.get((user, attempt))
    number = user * 100 + attempt
    return found and {"id": number, "userid": user, "attemptnumber": attempt, "grade": f"{found['grade']:.5f}"}


def grades(moodle: "FakeMoodle", form: Form) -> Json:
    each = assignment_of(moodle, form["assignmentids[0]"])
    latest = {user: (work.attempt if (work := each.work_of(user)) else 0) for user in each.participants}
    found = [_grade(each, user, attempt) for user, attempt in each.grades if latest.get(user, 0) == attempt]
    return {"assignments": [{"assignmentid": each.number, "grades": found}] if found else [], "warnings": []}


def grade_items(moodle: "FakeMoodle", form: Form) -> Json:
    """The gradebook: what the assignments hold, but for what a teacher changed there."""
    people: dict[int, list[Json]] = {}
    for each in moodle.assignments_here:
        final = {user: grade["grade"] for (user, _attempt), grade in sorted(each.grades.items())} | each.overridden
        for user, points in final.items():
            item = {"itemmodule": "assign", "iteminstance": each.number, "itemnumber": 0, "graderaw": points}
            people.setdefault(user, []).append(item | {"grademin": 0, "grademax": settings_of(each)["grade"]})
    return {"usergrades": [{"userid": user, "gradeitems": items} for user, items in people.items()], "warnings": []}


def definitions(moodle: "FakeMoodle", form: Form) -> Json:
    each = next(each for each in moodle.assignments_here if each.module == int(form["cmids[0]"]))
    area = {"cmid": each.module, "activemethod": each.active or None, "definitions": each.definitions}
    return {"areas": [area], "warnings": []}


def instances(moodle: "FakeMoodle", form: Form) -> Json:
    """What the first assignment that is graded so holds; there is one definition each."""
    each = next(each for each in moodle.assignments_here if each.active)
    kept = [
        {"id": 1, "itemid": user * 100 + attempt, "status": 1, each.active: {"criteria": fillings}}
        for (user, attempt), fillings in each.filled.items()
    ]
    return {"instances": kept, "warnings": []}


def save_grade(moodle: "FakeMoodle", form: Form) -> None:
    each, user = assignment_of(moodle, form["assignmentid"]), int(form["userid"])
    each.saved.append(dict(form))
    if user in each.locked:
        return
    work = each.work_of(user)
    attempt = work.attempt if work and form["attemptnumber"] == "-1" else max(0, int(form["attemptnumber"]))
    comment = form["plugindata[assignfeedbackcomments_editor][text]"]
    each.grades[user, attempt] = {"grade": _calculated(each, form), "comment": comment}
    if each.active:
        each.filled[user, attempt] = _fillings(each, form)
    each.workflow[user] = form["workflowstate"]
    moodle.keep_feedback(each, user, form)
    if each.reopens and work:
        work.attempt, work.status = work.attempt + 1, "reopened"


def _fillings(each: FakeAssignment, form: Form) -> list[Json]:
    prefix = f"advancedgradingdata[{each.active}][criteria]"
    count = len({name.split("[")[3] for name in form if name.startswith(prefix)})
    rows = [
        {
            name: form.get(f"{prefix}[{n}][fillings][0][{name}]")
            for name in ("criterionid", "levelid", "score", "remark")
        }
        for n in range(count)
    ]
    return [
        row | {"criterionid": int(row["criterionid"] or 0), "levelid": row["levelid"] and int(row["levelid"])}
        for row in rows
    ]


def _calculated(each: FakeAssignment, form: Form) -> float:
    if not each.active:
        return float(form["grade"])
    (definition,) = each.definitions
    maximum = float(settings_of(each)["grade"])
    prefix = f"advancedgradingdata[{each.active}][criteria]"
    count = len({name.split("[")[3] for name in form if name.startswith(prefix)})
    if each.active == "guide":
        best = sum(criterion["maxscore"] for criterion in definition["guide"]["guide_criteria"])
        return sum(float(form[f"{prefix}[{n}][fillings][0][score]"]) for n in range(count)) / best * maximum
    criteria = definition["rubric"]["rubric_criteria"]
    points = {level["id"]: level["score"] for criterion in criteria for level in criterion["levels"]}
    best = sum(max(level["score"] for level in criterion["levels"]) for criterion in criteria)
    assert count == len(criteria)
    if f"{prefix}[0][fillings][0][levelid]" not in form:
        return -1
    return sum(points[int(form[f"{prefix}[{n}][fillings][0][levelid]"])] for n in range(count)) / best * maximum


def assignment_of(moodle: "FakeMoodle", number: str) -> FakeAssignment:
    return next(each for each in moodle.assignments_here if each.number == int(number))


ANSWERS = {
    "mod_assign_get_assignments": listed,
    "mod_assign_list_participants": participants,
    "mod_assign_get_submissions": submissions,
    "mod_assign_get_submission_status": status,
    "mod_assign_get_grades": grades,
    "gradereport_user_get_grade_items": grade_items,
    "mod_assign_save_grade": save_grade,
    "core_grading_get_definitions": definitions,
    "core_grading_get_gradingform_instances": instances,
}
