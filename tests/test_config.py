"""What cannot be used stops the start with its name."""

import pytest

from lti_tool.config import Settings
from lti_tool.errors import InvalidInput


@pytest.mark.parametrize("scheme", ["postgres", "postgresql"])
def test_both_names_of_postgresql_are_understood(scheme: str) -> None:
    settings = Settings.from_env({"DATABASE_URL": f"{scheme}://me:word@host/lectern"})
    assert settings.database_url == "postgresql://me:word@host/lectern"


@pytest.mark.parametrize("bind", ["0.0.0.0:80", "[::1]:8000", "localhost:65535"])
def test_an_address_and_a_port_can_be_listened_on(bind: str) -> None:
    assert Settings.from_env({"LECTERN_BIND": bind}).bind == bind


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", "mysql://host/lectern"),
        ("DATABASE_URL", "host=somewhere"),
        ("DATABASE_URL", "postgresql://"),
        ("LECTERN_BIND", "nonsense"),
        ("LECTERN_BIND", ":8000"),
        ("LECTERN_BIND", "127.0.0.1:0"),
        ("LECTERN_BIND", "127.0.0.1:65536"),
        ("LECTERN_BIND", "a host:8000"),
    ],
)
def test_what_cannot_be_used_is_named(name: str, value: str) -> None:
    with pytest.raises(InvalidInput, match=name):
        Settings.from_env({name: value})
