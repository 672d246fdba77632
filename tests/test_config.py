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


S3 = {
    "LECTERN_S3_ENDPOINT": "https://s3.example.org",
    "LECTERN_S3_BUCKET": "lectern",
    "LECTERN_S3_ACCESS_KEY": "key",
    "LECTERN_S3_SECRET_KEY": "hidden-one",
}


def test_object_storage_is_all_or_nothing_and_its_secret_is_not_printed() -> None:
    settings = Settings.from_env(S3)
    assert settings.object_storage is not None and "hidden-one" not in repr(settings)
    assert Settings.from_env({}).object_storage is None


@pytest.mark.parametrize("left_out", S3)
def test_what_object_storage_lacks_is_named(left_out: str) -> None:
    with pytest.raises(InvalidInput, match=left_out):
        Settings.from_env({name: value for name, value in S3.items() if name != left_out})


@pytest.mark.parametrize("address", ["s3.example.org", "ftp://s3.example.org", "https://s3.example.org/lectern"])
def test_object_storage_wants_an_address_without_a_path(address: str) -> None:
    with pytest.raises(InvalidInput, match="LECTERN_S3_ENDPOINT"):
        Settings.from_env(S3 | {"LECTERN_S3_ENDPOINT": address})
