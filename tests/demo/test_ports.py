"""The demo keeps its two ports, because both sides remember each other's addresses."""

import socket

import pytest
from sqlalchemy import Engine

from lti_tool.db import transaction
from lti_tool.demo.ports import BLOCKED_BY_BROWSERS, LISTEN, Ports, is_free, take_ports
from lti_tool.demo.store import prepare
from lti_tool.errors import ToolError
from tests.fixtures.demo import empty_site, platform_pem
from tests.fixtures.ports import quiet_port


@pytest.fixture
def site(engine: Engine) -> Engine:
    empty_site(engine)
    prepare(engine, platform_pem())
    return engine


def take(site: Engine, wanted: int) -> Ports:
    with transaction(site) as session:
        return take_ports(session, wanted)


def test_a_taken_port_is_passed_over_the_first_time(site: Engine) -> None:
    with socket.create_server((LISTEN, 0)) as taken:
        wanted = taken.getsockname()[1]
        ports = take(site, wanted)
    assert ports.tool > wanted and ports.site > ports.tool


def test_the_ports_stay_the_same_next_time(site: Engine) -> None:
    first = take(site, quiet_port())
    assert take(site, quiet_port()) == first


def test_last_times_port_taken_by_another_program_is_said_plainly(site: Engine) -> None:
    ports = take(site, quiet_port())
    with socket.create_server((LISTEN, ports.site)), pytest.raises(ToolError, match=str(ports.site)):
        take(site, ports.tool)


@pytest.mark.parametrize("blocked", [6000, 6665, 5060])
def test_ports_that_browsers_refuse_are_never_chosen(site: Engine, blocked: int) -> None:
    assert not {take(site, blocked).tool, take(site, blocked).site} & BLOCKED_BY_BROWSERS


def test_a_port_is_free_until_somebody_listens() -> None:
    with socket.create_server((LISTEN, quiet_port())) as listening:
        port = listening.getsockname()[1]
        assert not is_free(port)
    assert is_free(port)
