"""X28: no call reaches this machine or its network unless allowed, by whatever road; answers are capped."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from lti_tool.errors import InvalidInput, PlatformFailed, ToolError
from lti_tool.outbound import AddressRule, check_host, guarded_session
from tests.fixtures.patience import PATIENCE

PRIVATE = [
    "127.0.0.1",
    "10.1.2.3",
    "172.31.0.1",
    "192.168.1.1",
    "100.64.0.1",
    "[::1]",
    "[fd00::1]",
    "[::ffff:10.0.0.1]",
    "[64:ff9b::7f00:1]",
    "[2002:7f00:1::]",
]
NEVER = ["169.254.169.254", "0.0.0.0", "224.0.0.1", "255.255.255.255", "[fe80::1]", "[::]", "[ff02::1]"]


class Answers(BaseHTTPRequestHandler):
    """`/to/<url>` redirects there, `/bytes/<n>` sends n bytes, `/stall` sends headers and then nothing."""

    protocol_version = "HTTP/1.1"
    stop = threading.Event()

    def do_GET(self) -> None:
        kind, _, rest = self.path[1:].partition("/")
        self.send_response(302 if kind == "to" else 200)
        if kind == "to":
            self.send_header("Location", rest)
        body = b"x" * int(rest) if kind == "bytes" else b""
        self.send_header("Content-Length", "10" if kind == "stall" else str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        if kind == "stall":
            self.stop.wait(5)

    def log_message(self, *_: object) -> None:
        """Tests print nothing."""


@pytest.fixture
def server() -> Iterator[str]:
    Answers.stop.clear()
    with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as http:
        threading.Thread(target=http.serve_forever, args=(0.01,), daemon=True).start()
        yield f"http://127.0.0.1:{http.server_port}"
        Answers.stop.set()
        http.shutdown()


def refusal(url: str, **options: object) -> str:
    rule = {"allow_private": False, "allow_http": True, "resolve": lambda host: ["93.184.216.34"]} | options
    with pytest.raises(ToolError) as caught:
        check_host(url, **rule)  # type: ignore[arg-type]
    return caught.value.code


@pytest.mark.parametrize("address", PRIVATE + NEVER)
def test_an_address_of_this_machine_or_network_is_refused(address: str) -> None:
    assert refusal(f"http://{address}/jwks") == "address_refused"


@pytest.mark.parametrize("address", PRIVATE)
def test_a_private_address_may_be_allowed(address: str) -> None:
    check_host(f"http://{address}/jwks", allow_private=True, allow_http=True)


@pytest.mark.parametrize("address", NEVER)
def test_no_permission_reaches_link_local_and_multicast_addresses(address: str) -> None:
    assert refusal(f"http://{address}/", allow_private=True) == "address_refused"


def test_a_public_address_is_reached() -> None:
    check_host("https://93.184.216.34/", allow_private=False, allow_http=False)


def test_a_name_with_one_private_address_is_refused() -> None:
    assert refusal("https://moodle.example/", resolve=lambda host: ["93.184.216.34", "10.0.0.1"]) == "address_refused"


@pytest.mark.parametrize("url", ["ftp://a.example/", "file:///etc/passwd", "//a.example", "https://u:p@a.example/"])
def test_another_scheme_or_a_password_in_the_address_is_refused(url: str) -> None:
    assert refusal(url) == "address_refused"


def test_plain_http_is_refused_unless_allowed() -> None:
    assert refusal("http://a.example/", allow_http=False) == "address_refused"


def test_only_listed_hosts_are_reached() -> None:
    hosts = frozenset({"api.example", "*.azure.example"})
    check_host("https://93.184.216.34/", allow_private=False, allow_http=False, allowed_hosts={"93.184.216.34"} | hosts)
    assert refusal("https://evil-azure.example/", allowed_hosts=hosts) == "host_not_allowed"
    assert refusal("https://azure.example/", allowed_hosts=hosts) == "host_not_allowed"


def test_a_subdomain_matches_a_starred_host() -> None:
    rule = AddressRule(allow_private=False, allow_http=False, allowed_hosts=frozenset({"*.azure.example"}))
    rule.check_url("https://school.azure.example/")


def test_a_name_that_does_not_exist_is_the_platforms_failure() -> None:
    def unknown(host: str) -> list[str]:
        raise OSError("unknown")

    assert refusal("https://nowhere.example/", resolve=unknown) == "host_unknown"


def test_a_session_refuses_a_private_address_when_it_connects(server: str) -> None:
    session = guarded_session(allow_private=False, allow_http=True, max_bytes=100, timeout=PATIENCE)
    with pytest.raises(InvalidInput, match="address_refused"):
        session.get(f"{server}/bytes/1")


def test_the_checked_address_is_the_one_connected_to(server: str) -> None:
    """A second look-up would answer with another address: there must be none."""
    answers = iter([["127.0.0.1"]])
    session = guarded_session(
        allow_private=True, allow_http=True, max_bytes=100, timeout=PATIENCE, resolve=lambda host: next(answers)
    )
    assert session.get(server.replace("127.0.0.1", "moodle.example") + "/bytes/3").content == b"xxx"


def test_the_next_address_is_tried_when_one_does_not_answer(server: str) -> None:
    session = guarded_session(
        allow_private=True, allow_http=True, max_bytes=100, timeout=PATIENCE, resolve=lambda host: ["::1", "127.0.0.1"]
    )
    assert session.get(server.replace("127.0.0.1", "moodle.example") + "/bytes/3").content == b"xxx"


@pytest.mark.parametrize("target", ["http://10.0.0.1/", "http://169.254.169.254/latest", "ftp://127.0.0.1/"])
def test_a_redirect_is_checked_like_the_first_address(server: str, target: str) -> None:
    hosts = frozenset({"127.0.0.1", "169.254.169.254"})
    session = guarded_session(allow_private=True, allow_http=True, max_bytes=100, timeout=PATIENCE, allowed_hosts=hosts)
    with pytest.raises(ToolError, match=r"address_refused|host_not_allowed|platform_unreachable"):
        session.get(f"{server}/to/{target}")


def test_an_answer_beyond_the_cap_is_refused(server: str) -> None:
    session = guarded_session(allow_private=True, allow_http=True, max_bytes=100_000, timeout=PATIENCE)
    assert len(session.get(f"{server}/bytes/100000").content) == 100_000
    with pytest.raises(PlatformFailed, match="answer_too_large"):
        session.get(f"{server}/bytes/100001")


def test_an_answer_that_stalls_is_a_timeout(server: str) -> None:
    session = guarded_session(allow_private=True, allow_http=True, max_bytes=100, timeout=0.05)
    with pytest.raises(PlatformFailed, match="platform_timeout"):
        session.get(f"{server}/stall")


def test_a_closed_port_is_unreachable() -> None:
    session = guarded_session(allow_private=True, allow_http=True, max_bytes=100, timeout=PATIENCE)
    with pytest.raises(PlatformFailed, match="platform_unreachable"):
        session.get("http://127.0.0.1:1/")


def test_a_proxy_of_the_environment_is_not_used(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    session = guarded_session(allow_private=True, allow_http=True, max_bytes=100, timeout=PATIENCE)
    assert session.get(f"{server}/bytes/2").content == b"xx"
