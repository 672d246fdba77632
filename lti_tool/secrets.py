"""The installation's own secrets: made at first start, kept in `keys/`, readable by its owner alone.

`app.key` signs form tokens and invitations; `secrets.key` encrypts what the database must not hold in the clear
(Fernet: AES-128-CBC with HMAC-SHA256).
"""

import os
from dataclasses import dataclass
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken

from lti_tool.errors import InvalidInput


@dataclass(frozen=True, kw_only=True)
class Secrets:
    """The keys in memory, and what is done with them."""

    app_key: str
    fernet: Fernet

    def encrypt(self, text: str) -> str:
        return self.fernet.encrypt(text.encode()).decode()

    def decrypt(self, token: str) -> str:
        """The text that `encrypt` was given; raises InvalidInput when this installation's key did not make it."""
        try:
            return self.fernet.decrypt(token.encode()).decode()
        except InvalidToken as error:
            raise InvalidInput("secret_unreadable", "This secret was encrypted with another key.") from error


def load_secrets(keys_dir: Path) -> Secrets:
    """Read both keys, making those that do not exist yet."""
    keys_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    return Secrets(app_key=_read_or_make(keys_dir / "app.key"), fernet=Fernet(_read_or_make(keys_dir / "secrets.key")))


def _read_or_make(path: Path) -> str:
    """Two processes that start together agree: a key is written aside, then linked into place once."""
    if not path.exists():
        draft = path.with_suffix(f".{os.getpid()}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as stream:
            stream.write(Fernet.generate_key().decode())
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text().strip()
