"""What the process needs to start: the only reader of the environment and of tool_config.json.

Everything an administrator may change while the tool runs lives in the database (site_settings). An unknown or
malformed setting stops the start with its name. `<NAME>_FILE` names a file that holds the value of a secret.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from lti_tool.errors import InvalidInput

PROJECT_ROOT = Path(__file__).resolve().parent.parent

HOST = re.compile(r"[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\]")
LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")


def origin_of(address: str) -> str:
    """Scheme, host and port of an address, as browsers send it in `Origin`."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"


@dataclass(frozen=True, kw_only=True)
class ToolDescription:
    """How the tool introduces itself to platforms: tool_config.json."""

    title: str
    description: str
    contact: str = ""
    privacy_url: str = ""


@dataclass(frozen=True, kw_only=True)
class ObjectStorage:
    """A bucket of S3-compatible storage; `endpoint` is its address without a path."""

    endpoint: str
    bucket: str
    region: str
    access_key: str = field(repr=False)
    secret_key: str = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class Settings:
    """One field a setting; the README lists each with its environment variable."""

    public_url: str
    tool: ToolDescription
    database_url: str | None = None
    data_dir: Path = PROJECT_ROOT / ".lectern"
    keys_dir: Path = PROJECT_ROOT / "keys"
    bind: str = "127.0.0.1:8000"
    web_workers: int = 2
    web_threads: int = 512
    worker_concurrency: int = 4
    log_level: str = "INFO"
    trusted_proxies: int = 0
    metrics_token: str | None = None
    allow_loopback_platforms: bool = False
    virus_scan: str = ""
    object_storage: ObjectStorage | None = None

    @property
    def origin(self) -> str:
        return origin_of(self.public_url)

    @property
    def is_loopback_http(self) -> bool:
        parts = urlsplit(self.public_url)
        return parts.scheme == "http" and parts.hostname in {"localhost", "127.0.0.1", "::1"}

    @classmethod
    def from_env(cls, environ: Mapping[str, str], tool_config: Path = PROJECT_ROOT / "tool_config.json") -> "Settings":
        """Read LECTERN_* and DATABASE_URL; raises InvalidInput naming the variable that cannot be used."""
        values = _known_values(environ)
        return cls(
            public_url=_public_url(values.get("LECTERN_PUBLIC_URL", "http://127.0.0.1:8000")),
            tool=_tool_description(tool_config),
            database_url=_database_url(values.get("DATABASE_URL", "")),
            data_dir=Path(values.get("LECTERN_DATA_DIR", PROJECT_ROOT / ".lectern")).resolve(),
            keys_dir=Path(values.get("LECTERN_KEYS_DIR", PROJECT_ROOT / "keys")).resolve(),
            bind=_bind(values.get("LECTERN_BIND", "127.0.0.1:8000")),
            web_workers=_whole_number(values, "LECTERN_WEB_WORKERS", 2, 1, 64),
            web_threads=_whole_number(values, "LECTERN_WEB_THREADS", 512, 8, 4096),
            worker_concurrency=_whole_number(values, "LECTERN_WORKER_CONCURRENCY", 4, 1, 64),
            log_level=_one_of(values, "LECTERN_LOG_LEVEL", "INFO", LOG_LEVELS),
            trusted_proxies=_whole_number(values, "LECTERN_TRUSTED_PROXIES", 0, 0, 5),
            metrics_token=values.get("LECTERN_METRICS_TOKEN") or None,
            allow_loopback_platforms=_switch(values, "LECTERN_ALLOW_LOOPBACK_PLATFORMS"),
            virus_scan=values.get("LECTERN_VIRUS_SCAN", ""),
            object_storage=_object_storage(values),
        )


S3_NAMES = {
    "endpoint": "LECTERN_S3_ENDPOINT",
    "bucket": "LECTERN_S3_BUCKET",
    "access_key": "LECTERN_S3_ACCESS_KEY",
    "secret_key": "LECTERN_S3_SECRET_KEY",
}
KNOWN = frozenset(
    {
        "DATABASE_URL",
        "LECTERN_ALLOW_LOOPBACK_PLATFORMS",
        "LECTERN_BIND",
        "LECTERN_DATA_DIR",
        "LECTERN_KEYS_DIR",
        "LECTERN_LOG_LEVEL",
        "LECTERN_METRICS_TOKEN",
        "LECTERN_PUBLIC_URL",
        *S3_NAMES.values(),
        "LECTERN_S3_REGION",
        "LECTERN_TRUSTED_PROXIES",
        "LECTERN_VIRUS_SCAN",
        "LECTERN_WEB_THREADS",
        "LECTERN_WEB_WORKERS",
        "LECTERN_WORKER_CONCURRENCY",
    }
)
SECRETS = frozenset({"DATABASE_URL", "LECTERN_METRICS_TOKEN", "LECTERN_S3_ACCESS_KEY", "LECTERN_S3_SECRET_KEY"})


def _known_values(environ: Mapping[str, str]) -> dict[str, str]:
    values = {}
    for name, value in environ.items():
        if name.removesuffix("_FILE") in SECRETS and name.endswith("_FILE"):
            values[name.removesuffix("_FILE")] = _file_content(name, value)
        elif name in KNOWN:
            values[name] = value.strip()
        elif name.startswith("LECTERN_"):
            raise InvalidInput("setting_unknown", "%(name)s is not a setting of Lectern.", {"name": name})
    return values


def _file_content(name: str, path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise InvalidInput("setting_malformed", "%(name)s names a file that cannot be read.", {"name": name}) from error


def _public_url(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
        raise InvalidInput("setting_malformed", "LECTERN_PUBLIC_URL must be an http or https address.")
    return value.rstrip("/")


def _database_url(value: str) -> str | None:
    """`postgres://` is what many hosts hand out; SQLAlchemy knows the longer name alone."""
    if not value:
        return None
    scheme, mark, rest = value.partition("://")
    if not rest or scheme not in {"postgres", "postgresql", "postgresql+psycopg2"}:
        raise InvalidInput("setting_malformed", "DATABASE_URL must be a postgresql:// address.")
    return ("postgresql" if scheme == "postgres" else scheme) + mark + rest


def _object_storage(values: Mapping[str, str]) -> ObjectStorage | None:
    """All of it or nothing; the client wants an address without a path."""
    given = {field: values.get(name, "") for field, name in S3_NAMES.items()}
    if not any(given.values()):
        return None
    missing = ", ".join(name for field, name in S3_NAMES.items() if not given[field])
    if missing:
        raise InvalidInput("setting_missing", "Object storage also needs %(names)s.", {"names": missing})
    parts = urlsplit(given["endpoint"])
    if parts.scheme not in {"http", "https"} or not parts.netloc or parts.path.strip("/"):
        raise InvalidInput("setting_malformed", "LECTERN_S3_ENDPOINT must be an http or https address without a path.")
    return ObjectStorage(**given, region=values.get("LECTERN_S3_REGION", "us-east-1"))


def _bind(value: str) -> str:
    """A host and a port."""
    host, _colon, port = value.rpartition(":")
    if not HOST.fullmatch(host) or not (port.isascii() and port.isdecimal() and 0 < int(port) < 65_536):
        raise InvalidInput("setting_malformed", "LECTERN_BIND must be an address and a port, like 127.0.0.1:8000.")
    return value


def _whole_number(values: Mapping[str, str], name: str, default: int, least: int, most: int) -> int:
    text = values.get(name, str(default))
    if not text.isdecimal() or not least <= int(text) <= most:
        raise InvalidInput(
            "setting_malformed",
            "%(name)s must be a whole number from %(least)s to %(most)s.",
            {"name": name, "least": least, "most": most},
        )
    return int(text)


def _one_of(values: Mapping[str, str], name: str, default: str, allowed: tuple[str, ...]) -> str:
    text = values.get(name, default).upper()
    if text not in allowed:
        raise InvalidInput(
            "setting_malformed", "%(name)s must be one of %(allowed)s.", {"name": name, "allowed": ", ".join(allowed)}
        )
    return text


def _switch(values: Mapping[str, str], name: str) -> bool:
    text = values.get(name, "no").lower()
    if text not in {"yes", "no"}:
        raise InvalidInput("setting_malformed", "%(name)s must be yes or no.", {"name": name})
    return text == "yes"


def _tool_description(path: Path) -> ToolDescription:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        return ToolDescription(**content)
    except (OSError, ValueError, TypeError) as error:
        raise InvalidInput(
            "setting_malformed", "%(name)s cannot be used: %(error)s", {"name": path.name, "error": error}
        ) from error
