"""Every route with a viewer of another course and of another platform: no byte of the other's data, no row changed."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from lti_tool.db import Base
from lti_tool.secrets import Secrets
from tests.fixtures.cheap_applications import lent_application
from tests.fixtures.database import rolled_back
from tests.fixtures.people import Browser, House, build_house
from tests.fixtures.web import runtime_on, settings_in
from tests.tenancy.conftest import SECRET, Treasure, bury_treasure, strangers_at

LAUNCH = "/l/<uuid:launch_id>/"
REFUSED = {400, 403, 404, 409}
ADMINISTRATION = ("site", "site_")

Rows = Mapping[tuple[str, str], str]


def routes(app: Flask) -> Iterator[tuple[Rule, str]]:
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith(LAUNCH) and not rule.websocket:
            yield from ((rule, method) for method in sorted((rule.methods or set()) & {"GET", "POST"}))


def visit(stranger: Browser, rule: Rule, method: str, treasure: Treasure) -> TestResponse:
    """With the other course's ids in the address and in every field that a form of ours has."""
    values = {name: treasure[name] for name in rule.arguments - {"launch_id"}}
    _, path = rule.build({"launch_id": stranger.launch_id, **values}, append_unknown=False) or ("", "")
    path = path.removeprefix(f"/l/{stranger.launch_id}/")
    if method == "GET":
        return stranger.get(path, query_string=fields(treasure))
    return stranger.post(path, fields(treasure))


def fields(treasure: Treasure) -> dict[str, Any]:
    """Forms say `paper`, addresses `paper_id`."""
    short = {name.removesuffix("_id"): value for name, value in treasure.items()}
    return {**treasure, **short, "all": "yes", "question": "What sings?", "q": "sings", "text": "What sings?"}


def rows_of(session: Session) -> Rows:
    """Every row that there is, by table and key."""
    session.expire_all()
    found = {}
    for table in Base.metadata.sorted_tables:
        keys = [column.name for column in table.primary_key]
        for row in session.execute(select(table)).mappings():
            found[table.name, str([row[key] for key in keys])] = str(dict(row))
    return found


def told_of(house: House) -> list[str]:
    people = [person for name, person in house.people.items() if name != "outsider"]
    names = [word for person in people for word in (person.name, person.email, person.idnumber)]
    return [SECRET, SECRET.upper(), house.course.title, *(name for name in names if name)]


@dataclass(frozen=True, kw_only=True)
class Visit:
    """A stranger's request and what came back."""

    rule: Rule
    method: str
    status: int
    leaked: list[str]

    def __str__(self) -> str:
        return f"{self.method} {self.rule.rule}: {self.status} {self.leaked}"


@dataclass(frozen=True, kw_only=True)
class Walk:
    """Every stranger at every route, and the rows of others before and after."""

    visits: list[Visit]
    before: Rows
    after: Rows


@pytest.fixture(scope="module")
def walk(engine: Engine, secrets: Secrets, tmp_path_factory: pytest.TempPathFactory) -> Walk:
    """Once for all tests: it is thousands of requests."""
    settings = settings_in(tmp_path_factory.mktemp("tenancy"))
    with rolled_back(engine) as session, lent_application(runtime := runtime_on(session, settings, secrets)) as app:
        house = build_house(session)
        treasure, strangers = bury_treasure(house, runtime), strangers_at(house, app)
        own = {f"'course_id': {stranger.viewer.course_id}," for stranger in strangers}
        before = {key: row for key, row in rows_of(session).items() if not any(words in row for words in own)}
        told, visits = told_of(house), []
        for (rule, method), stranger in product(routes(app), strangers):
            answer = visit(stranger, rule, method, treasure)
            leaked = [word for word in told if word in answer.text]
            visits.append(Visit(rule=rule, method=method, status=answer.status_code, leaked=leaked))
        return Walk(visits=visits, before=before, after=rows_of(session))


def test_no_route_shows_a_stranger_a_byte_of_the_course(walk: Walk) -> None:
    assert [str(one) for one in walk.visits if one.leaked] == []


def test_no_route_takes_the_name_of_an_object_of_the_course(walk: Walk) -> None:
    """Also where the answer is a picture or a file."""
    named = [one for one in walk.visits if one.rule.arguments - {"launch_id"}]
    assert named and [str(one) for one in named if one.status not in REFUSED] == []


def test_no_route_lets_a_stranger_change_a_row(walk: Walk) -> None:
    assert walk.before and {key for key, row in walk.before.items() if walk.after.get(key) != row} == set()


def test_administrators_of_another_platform_see_no_page_of_the_site(walk: Walk) -> None:
    site = [one for one in walk.visits if one.rule.endpoint.startswith(ADMINISTRATION)]
    assert site and [str(one) for one in site if one.status != 403] == []


@pytest.mark.parametrize("name", ["teacher", "student"])
def test_the_course_itself_sees_it(enter: Any, treasure: Treasure, name: str) -> None:
    """So that the tests above can fail."""
    page = enter(name).get(f"material/passages/{treasure['chunk_id']}")
    assert page.status_code == 200 and SECRET in page.text
