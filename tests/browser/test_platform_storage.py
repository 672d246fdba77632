"""A platform that keeps a value for us (lti.put_data, lti.get_data) proves the browser when the cookie was lost."""

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect

from lti_tool.db import transaction
from lti_tool.lti.models import Deployment, Platform, Registration
from tests.browser.campus import Campus
from tests.browser.conftest import Someone
from tests.fakes.platform import INSTRUCTOR, FakePlatform

COURSE = """<!doctype html><title>Course</title><iframe src="{login}"></iframe><script>
const kept = {{}};
addEventListener("message", ({{ data, source, origin }}) => {{
  if (data.subject === "lti.put_data") kept[data.key] = data.value;
  if (!["lti.put_data", "lti.get_data"].includes(data.subject)) return;
  source.postMessage({{ subject: `${{data.subject}}.response`, message_id: data.message_id, key: data.key,
    value: {answers} ? kept[data.key] : null }}, origin);
}});
</script>"""
ONWARD = """<!doctype html><title>Onward</title><form method="post" action="{target}">
<input name="id_token" value="{token}"><input name="state" value="{state}"></form>
<script>document.forms[0].submit()</script>"""


class StoringPlatform(FakePlatform):
    """A course page with the tool in a frame, and an authorization endpoint, on localhost."""

    def __init__(self, tool_url: str, *, client_id: str, answers: bool) -> None:
        super().__init__()
        self.target = f"{tool_url}/lti/launch"
        self.tool_url, self.client_id, self.answers = tool_url, client_id, answers
        self.issuer = f"http://localhost:{self.server.server_port}"
        self.respond = self.serve

    def serve(self, request: BaseHTTPRequestHandler) -> None:
        parts = urlsplit(request.path)
        match parts.path:
            case "/course":
                self.send(request, self.course_page().encode(), "text/html")
            case "/auth":
                self.send(request, self.onward_page(parse_qs(parts.query)).encode(), "text/html")
            case _:
                self.send_key_set(request)

    def course_page(self) -> str:
        asked = {
            "iss": self.issuer,
            "client_id": self.client_id,
            "login_hint": "2",
            "target_link_uri": self.target,
            "lti_deployment_id": self.deployment_id,
            "lti_storage_target": "_parent",
        }
        login = f"{self.tool_url}/lti/login?{urlencode(asked)}".replace("&", "&amp;")
        return COURSE.format(login=login, answers="true" if self.answers else "false")

    def onward_page(self, query: dict[str, list[str]]) -> str:
        token = self.sign(self.claims("2", [INSTRUCTOR], query["nonce"][0], self.target))
        return ONWARD.format(target=self.target, token=token, state=query["state"][0])


def register(campus: Campus, platform: StoringPlatform) -> None:
    with transaction(campus.runtime.engine) as session:
        registration = Registration(
            platform=Platform(issuer=platform.issuer, product_family="canvas", name="Storing"),
            client_id=platform.client_id,
            authorization_endpoint=f"{platform.issuer}/auth",
            token_endpoint=f"{platform.issuer}/token",
            keyset_url=f"{platform.issuer}/certs",
            allows_private_addresses=True,
        )
        session.add(Deployment(registration=registration, deployment_id=platform.deployment_id))


@pytest.fixture(params=[True, False], ids=["answers", "says nothing of it"])
def storing(request: pytest.FixtureRequest, campus: Campus) -> Iterator[StoringPlatform]:
    with StoringPlatform(campus.tool_url, client_id=f"storing-{request.param}", answers=request.param) as platform:
        register(campus, platform)
        yield platform


def lose_cookies(context: BrowserContext) -> None:
    """Between login and launch, as a browser does that keeps them apart by window."""

    def lose(route: Route) -> None:
        context.clear_cookies()
        route.continue_()

    context.route("**/auth?**", lose)


def test_the_platform_gives_back_what_it_was_to_keep(someone: Someone, storing: StoringPlatform) -> None:
    page: Page = someone("hugo").page
    lose_cookies(page.context)
    page.goto(f"{storing.issuer}/course")
    heading = page.frame_locator("iframe").get_by_role("heading", level=1)
    expect(heading).to_have_text("Set up this activity" if storing.answers else "Open in a new window")
