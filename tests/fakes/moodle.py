"""Moodle's web services on a real socket, with one course that tests shape. Answers look as Moodle 4.5.6 gave them.

Every request is recorded; `refusals`, `raw` and `silence` make a function fail as Moodle fails.
"""

import io
import json
import threading
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

from werkzeug.formparser import parse_form_data

from lti_tool.moodle.functions import EVERY_FUNCTION, MARKING, MESSAGES, READING_BACK
from tests.fakes import moodle_assignments, moodle_papers
from tests.fakes.moodle_assignments import FakeAssignment

TOKEN = "0123456789abcdef0123456789abcdef"
COURSE = 2
MOMENT = 1_795_229_753
LISTS = {
    "mod_page_get_pages_by_courses": ("page", "pages"),
    "mod_label_get_labels_by_courses": ("label", "labels"),
    "mod_book_get_books_by_courses": ("book", "books"),
    "mod_resource_get_resources_by_courses": ("resource", "resources"),
    "mod_folder_get_folders_by_courses": ("folder", "folders"),
    "mod_quiz_get_quizzes_by_courses": ("quiz", "quizzes"),
    "mod_glossary_get_glossaries_by_courses": ("glossary", "glossaries"),
    "mod_wiki_get_wikis_by_courses": ("wiki", "wikis"),
    "mod_lesson_get_lessons_by_courses": ("lesson", "lessons"),
    "mod_url_get_urls_by_courses": ("url", "urls"),
}
Json = dict[str, Any]


@dataclass(kw_only=True)
class FakeModule:
    """An activity: its line in the course, its own record, and what its further functions answer."""

    kind: str
    number: int
    name: str
    record: Json = field(default_factory=dict)
    line: Json = field(default_factory=dict)
    state: Json = field(default_factory=dict)
    entries: list[Json] = field(default_factory=list)
    wikis: list[tuple[int, int, list[Json]]] = field(default_factory=list)
    pages: list[Json] = field(default_factory=list)


@dataclass(kw_only=True)
class FakeSection:
    number: int
    name: str
    summary: str = ""
    line: Json = field(default_factory=dict)
    state: Json = field(default_factory=dict)
    modules: list[FakeModule] = field(default_factory=list)


class FakeMoodle:
    """Use as a context manager; `url` is the site's address."""

    def __init__(self) -> None:
        self.sections = [FakeSection(number=30, name="Week one")]
        self.files: dict[str, tuple[bytes, str]] = {}
        self.assignments_here: list[FakeAssignment] = []
        everything = (*EVERY_FUNCTION, *MARKING.functions, *READING_BACK.functions, *MESSAGES.functions)
        self.functions = list(dict.fromkeys(everything))
        self.may_download, self.may_upload, self.may_edit = True, True, True
        self.tokens = {TOKEN: 3}
        self.messages: dict[int, list[str]] = {}
        self.closed_to_messages: set[int] = set()
        self.drafts: dict[int, dict[str, bytes]] = {}
        self.most_bytes = 10**9
        self.breaks: list[tuple[str, str]] = []
        self.updated: list[Json] = []
        self.refusals: dict[str, str] = {}
        self.silence: set[str] = set()
        self.ended = threading.Event()
        self.raw: dict[str, tuple[int, bytes]] = {}
        self.calls: list[tuple[str, dict[str, str]]] = []
        self.paths: list[str] = []
        moodle = self

        class Handler(_Handler):
            site = moodle

        self.http = _Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.http.server_port}"

    def __enter__(self) -> Self:
        threading.Thread(target=self.http.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.ended.set()
        self.http.shutdown()
        self.http.server_close()

    def add(self, kind: str, name: str, *, section: int = 0, **values: Any) -> FakeModule:
        """A visible activity in a section; its number is new in the course."""
        number = 1 + max((module.number for module in self.modules), default=0)
        made = FakeModule(kind=kind, number=number, name=name, **values)
        self.sections[section].modules.append(made)
        return made

    def assign(self, **record: Any) -> FakeAssignment:
        """An assignment that work can be handed in to; `record` changes its settings."""
        number = 501 + len(self.assignments_here)
        made = FakeAssignment(number=number, module=number + 1000, record=record)
        self.assignments_here.append(made)
        return made

    def remove(self, module: FakeModule) -> None:
        for section in self.sections:
            section.modules = [each for each in section.modules if each is not module]

    def file(self, path: str, content: bytes, media_type: str = "text/html", **listed: Any) -> Json:
        """A file that can be downloaded, and how a listing names it."""
        self.files[f"/webservice/pluginfile.php/{path}"] = (content, media_type)
        url = f"{self.url}/webservice/pluginfile.php/{path}?forcedownload=1"
        name = path.rsplit("/", 1)[-1]
        return {
            "type": "file",
            "filename": name,
            "filepath": "/",
            "filesize": len(content),
            "fileurl": url,
            "timemodified": MOMENT,
            "sortorder": 0,
        } | listed

    @property
    def modules(self) -> list[FakeModule]:
        return [module for section in self.sections for module in section.modules]

    @property
    def counted(self) -> Counter[str]:
        """How often each function was called."""
        return Counter(function for function, _ in self.calls)

    def answer(self, function: str, form: dict[str, str]) -> Any:
        if form.get("wstoken") not in self.tokens:
            return refusal("invalidtoken")
        if function in self.refusals:
            return refusal(self.refusals[function])
        if function not in self.functions:
            return refusal("accessexception")
        if function in LISTS:
            kind, name = LISTS[function]
            return {name: [self.record_of(module) for module in self.modules if module.kind == kind], "warnings": []}
        return ANSWERS[function](self, form)

    def record_of(self, module: FakeModule, number: str = "coursemodule") -> Json:
        common = {"id": module.number * 10, number: module.number, "course": COURSE, "name": module.name, "intro": ""}
        return common | module.record

    def keep_feedback(self, each: FakeAssignment, user: int, form: Mapping[str, str]) -> None:
        moodle_papers.keep_feedback(self, each, user, form)

    def breaks_at(self, function: str, moment: str) -> bool:
        """Whether the connection breaks here, once: `("mod_assign_save_grade", "after")` has had its effect."""
        is_broken = (function, moment) in self.breaks
        if is_broken:
            self.breaks.remove((function, moment))
        return is_broken

    def by_instance(self, form: dict[str, str], name: str) -> FakeModule:
        return next(module for module in self.modules if module.number * 10 == int(form[name]))

    def site_info(self, form: dict[str, str]) -> Json:
        return {
            "sitename": "Campus",
            "username": "teach1",
            "fullname": "Iris Instructor",
            "userid": self.tokens[form["wstoken"]],
            "siteurl": self.url,
            "release": "4.5.6 (Build: 20250811)",
            "userissiteadmin": False,
            "userprivateaccesskey": "private-key-canary",
            "downloadfiles": int(self.may_download),
            "uploadfiles": int(self.may_upload),
            "functions": [{"name": name, "version": "2024100706"} for name in self.functions],
        }

    def options(self, form: dict[str, str]) -> Json:
        option = {"name": "update", "available": self.may_edit}
        return {"courses": [{"id": int(form["courseids[0]"]), "options": [option]}], "warnings": []}

    def contents(self, form: dict[str, str]) -> Any:
        if int(form["courseid"]) != COURSE:
            return refusal("invalidrecord")
        return [self._section(section) for section in self.sections]

    def _section(self, section: FakeSection) -> Json:
        line = {
            "id": section.number,
            "name": section.name,
            "visible": 1,
            "summary": section.summary,
            "hiddenbynumsections": 0,
            "uservisible": True,
            "component": None,
            "itemid": None,
        }
        return line | section.line | {"modules": [self._line(module) for module in section.modules]}

    def _line(self, module: FakeModule) -> Json:
        line = {
            "id": module.number,
            "name": module.name,
            "instance": module.number * 10,
            "modname": module.kind,
            "visible": 1,
            "uservisible": True,
            "visibleoncoursepage": 1,
            "availability": None,
            "groupmode": 0,
            "url": f"{self.url}/mod/{module.kind}/view.php?id={module.number}",
        }
        return line | module.line

    def state(self, form: dict[str, str]) -> str:
        sections = [{"id": str(each.number), "hasrestrictions": False} | each.state for each in self.sections]
        modules = [
            {"id": str(each.number), "hascmrestrictions": False, "stealth": False} | each.state for each in self.modules
        ]
        return json.dumps({"course": {}, "section": sections, "cm": modules})

    def updates(self, form: dict[str, str]) -> Json:
        return {"instances": self.updated, "warnings": []}

    def forums(self, form: dict[str, str]) -> list[Json]:
        return [self.record_of(module, "cmid") for module in self.modules if module.kind == "forum"]

    def entries(self, form: dict[str, str]) -> Json:
        found, start = self.by_instance(form, "id").entries, int(form["from"])
        return {"count": len(found), "entries": found[start : start + int(form["limit"])], "warnings": []}

    def subwikis(self, form: dict[str, str]) -> Json:
        wikis = self.by_instance(form, "wikiid").wikis
        found = [
            {"id": number, "wikiid": 1, "groupid": str(group), "userid": owner, "canedit": True}
            for number, (group, owner, _) in enumerate(wikis, start=1)
        ]
        return {"subwikis": found, "warnings": []}

    def wiki_pages(self, form: dict[str, str]) -> Json:
        asked = int(form["groupid"]), int(form["userid"])
        wikis = self.by_instance(form, "wikiid").wikis
        return {"pages": next(pages for group, owner, pages in wikis if (group, owner) == asked), "warnings": []}

    def send_messages(self, form: dict[str, str]) -> list[Json]:
        """Who may not be written to is answered with the number -1 and Moodle's own words."""
        answers = []
        for at in range(sum(name.endswith("[touserid]") for name in form)):
            user, text = int(form[f"messages[{at}][touserid]"]), form[f"messages[{at}][text]"]
            mark = {"clientmsgid": form[f"messages[{at}][clientmsgid]"]}
            if user in self.closed_to_messages:
                answers.append(mark | {"msgid": -1, "errormessage": "User can't be messaged"})
            else:
                self.messages.setdefault(user, []).append(text)
                sent = {"msgid": at + 1, "text": text, "timecreated": MOMENT, "conversationid": 1}
                answers.append(mark | sent | {"useridfrom": self.tokens[form["wstoken"]]})
        return answers

    def lesson_pages(self, form: dict[str, str]) -> Json:
        return {"pages": [{"page": page, "answerids": []} for page in self.by_instance(form, "lessonid").pages]}

    def lesson_page(self, form: dict[str, str]) -> Json:
        return {"page": {"id": int(form["pageid"]), "contents": f"<p>Text of page {form['pageid']}.</p>"}}


ANSWERS: dict[str, Callable[[FakeMoodle, dict[str, str]], Any]] = {
    "core_webservice_get_site_info": FakeMoodle.site_info,
    "core_course_get_contents": FakeMoodle.contents,
    "core_courseformat_get_state": FakeMoodle.state,
    "core_course_get_user_administration_options": FakeMoodle.options,
    "core_course_get_updates_since": FakeMoodle.updates,
    **moodle_assignments.ANSWERS,
    "mod_assign_save_submission": moodle_papers.save_submission,
    "mod_assign_submit_for_grading": moodle_papers.submit_for_grading,
    "mod_forum_get_forums_by_courses": FakeMoodle.forums,
    "mod_glossary_get_entries_by_letter": FakeMoodle.entries,
    "mod_wiki_get_subwikis": FakeMoodle.subwikis,
    "mod_wiki_get_subwiki_pages": FakeMoodle.wiki_pages,
    "core_message_send_instant_messages": FakeMoodle.send_messages,
    "mod_lesson_get_pages": FakeMoodle.lesson_pages,
    "mod_lesson_get_page_data": FakeMoodle.lesson_page,
}


def refusal(errorcode: str) -> Json:
    return {"exception": "core\\exception\\moodle_exception", "errorcode": errorcode, "message": "SELECT secret FROM x"}


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """A client that hung up is no news."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    site: FakeMoodle

    def do_POST(self) -> None:
        path, content = urlsplit(self.path).path, self.rfile.read(int(self.headers["Content-Length"]))
        self.site.paths.append(self.path)
        if path == "/webservice/upload.php":
            return self._take_file(content)
        form = dict(parse_qsl(content.decode(), keep_blank_values=True))
        if path == "/webservice/rest/server.php":
            function = form["wsfunction"]
            self.site.calls.append((function, form))
            if function in self.site.silence:
                self.site.ended.wait()
                return None
            status, body = self.site.raw.get(function, (200, b""))
            if self.site.breaks_at(function, "before"):
                return self._send(502, b"<html>Bad gateway</html>", "text/html")
            body = body or json.dumps(self.site.answer(function, form)).encode()
            if self.site.breaks_at(function, "after"):
                return self._send(502, b"<html>Bad gateway</html>", "text/html")
            return self._send(status, body, "application/json")
        if form.get("token") not in self.site.tokens or not self.site.may_download:
            return self._send(
                200, json.dumps({"error": "No.", "errorcode": "invalidtoken"}).encode(), "application/json"
            )
        content, media_type = self.site.files[path]
        return self._send(200, content, media_type)

    def _take_file(self, content: bytes) -> None:
        environ = {
            "REQUEST_METHOD": "POST",
            "CONTENT_TYPE": self.headers["Content-Type"],
            "CONTENT_LENGTH": str(len(content)),
            "wsgi.input": io.BytesIO(content),
        }
        _stream, form, files = parse_form_data(environ, stream_factory=lambda **_: io.BytesIO())
        self.site.calls.append(("upload.php", dict(form)))
        name, data = files["file"].filename or "", files["file"].read()
        if self.site.breaks_at("upload.php", "before"):
            return self._send(502, b"<html>Bad gateway</html>", "text/html")
        answer = moodle_papers.upload(self.site, form["token"], int(form["itemid"]), name, data)
        if self.site.breaks_at("upload.php", "after"):
            return self._send(502, b"<html>Bad gateway</html>", "text/html")
        return self._send(200, json.dumps(answer).encode(), "application/json")

    def _send(self, status: int, body: bytes, media_type: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", media_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Quiet."""
