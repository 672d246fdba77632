"""Every route with a viewer of another course and of another platform: no byte of the other's data, no row changed."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from lti_tool.db import Base
from tests.fixtures.people import Browser, House
from tests.tenancy.conftest import SECRET, Treasure

LAUNCH = "/l/<uuid:launch_id>/"
REFUSED = {400, 403, 404, 409}
ADMINISTRATION = ("site", "site_")


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


def rows_of(session: Session) -> Mapping[tuple[str, str], str]:
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


def test_no_route_shows_a_stranger_a_byte_of_the_course(
    app: Flask, house: House, treasure: Treasure, strangers: list[Browser]
) -> None:
    secrets = told_of(house)
    for rule, method in routes(app):
        for stranger in strangers:
            answer = visit(stranger, rule, method, treasure)
            leaked = [word for word in secrets if word in answer.text]
            assert leaked == [], f"{method} {rule.rule} shows {leaked}"


def test_no_route_takes_the_name_of_an_object_of_the_course(
    app: Flask, treasure: Treasure, strangers: list[Browser]
) -> None:
    """Also where the answer is a picture or a file."""
    taken = [
        f"{method} {rule.rule}: {answer.status_code}"
        for rule, method in routes(app)
        if rule.arguments - {"launch_id"}
        for stranger in strangers
        if (answer := visit(stranger, rule, method, treasure)).status_code not in REFUSED
    ]
    assert taken == []


def test_no_route_lets_a_stranger_change_a_row(
    app: Flask, house: House, session: Session, treasure: Treasure, strangers: list[Browser]
) -> None:
    own = {f"'course_id': {stranger.viewer.course_id}," for stranger in strangers}
    before = {key: row for key, row in rows_of(session).items() if not any(words in row for words in own)}
    for rule, method in routes(app):
        for stranger in strangers:
            visit(stranger, rule, method, treasure)
    after = rows_of(session)
    assert {key for key, row in before.items() if after.get(key) != row} == set()


def test_administrators_of_another_platform_see_no_page_of_the_site(
    app: Flask, treasure: Treasure, strangers: list[Browser]
) -> None:
    for rule, method in routes(app):
        if rule.endpoint.startswith(ADMINISTRATION):
            for stranger in strangers:
                assert visit(stranger, rule, method, treasure).status_code == 403, rule.rule


@pytest.mark.parametrize("name", ["teacher", "student"])
def test_the_course_itself_sees_it(enter: Any, treasure: Treasure, name: str) -> None:
    """So that the tests above can fail."""
    page = enter(name).get(f"material/passages/{treasure['chunk_id']}")
    assert page.status_code == 200 and SECRET in page.text
