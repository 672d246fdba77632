"""The site's own signing keys, and how it learns and remembers a tool's keys.

Like Moodle it keeps a tool's key set for ever and fetches it again only when a signature does not fit; the fetched
set replaces the kept one only if it then fits (moodle-as-platform.md 1.10). An emergency rotation must survive this.
"""

import json
import secrets
from typing import Any

import jwt
import requests
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.demo.models import SigningKey, Tool
from lti_tool.demo.refusals import Refused

FETCH_SECONDS = 30
LARGEST_KEYSET = 256 * 1024


def new_private_pem() -> str:
    """A fresh RSA key of 2048 bits."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return key.private_bytes(*form).decode()


def new_kid() -> str:
    return secrets.token_hex(10)


def rotate(session: Session) -> str:
    """Replace the site's key, as a restored or migrated Moodle does; returns the new kid."""
    for key in session.scalars(select(SigningKey)):
        session.delete(key)
    fresh = SigningKey(kid=new_kid(), private_pem=new_private_pem())
    session.add(fresh)
    session.flush()
    return fresh.kid


def published_keys(session: Session) -> dict[str, Any]:
    """The key set at the site's `jwks_uri`."""
    keys = session.scalars(select(SigningKey).order_by(SigningKey.id))
    return {"keys": [_public_jwk(key) for key in keys]}


def sign(session: Session, claims: dict[str, Any]) -> str:
    """A token with these claims, signed by the newest key."""
    key = session.scalars(select(SigningKey).order_by(SigningKey.id.desc()).limit(1)).one()
    return jwt.encode(claims, key.private_pem, algorithm="RS256", headers={"kid": key.kid})


def verify_own(session: Session, token: str, audience: str) -> dict[str, Any]:
    """The claims of a token this site signed for itself; raises jwt.PyJWTError."""
    key_set = jwt.PyJWKSet.from_dict(published_keys(session))
    return _decode(token, key_set, audience=audience, required=["exp", "sub"])


def verify_tool(tool: Tool, token: str, *, audience: str, required: list[str]) -> dict[str, Any]:
    """The claims of a token signed by the tool for `audience`; raises jwt.PyJWTError or Refused."""
    if tool.cached_keyset is not None:
        try:
            return _decode(token, _usable(tool.cached_keyset), audience=audience, required=required)
        except (UnknownKey, jwt.InvalidSignatureError):
            pass
    fetched = _fetch(tool.keyset_url)
    claims = _decode(token, _usable(fetched), audience=audience, required=required)
    tool.cached_keyset = fetched
    return claims


class UnknownKey(jwt.PyJWTError):
    """The token names no key, or one that is not published."""


def _decode(token: str, keys: jwt.PyJWKSet, *, audience: str, required: list[str]) -> dict[str, Any]:
    kid = jwt.get_unverified_header(token).get("kid")
    fitting = [key for key in keys.keys if key.key_id == kid]
    if not kid or not fitting:
        raise UnknownKey("kid")
    options: Any = {"require": required, "verify_sub": False}
    return jwt.decode(token, fitting[0].key, algorithms=["RS256"], audience=audience, options=options)


def _usable(key_set: dict[str, Any]) -> jwt.PyJWKSet:
    try:
        return jwt.PyJWKSet.from_dict(key_set)
    except (jwt.PyJWKSetError, jwt.PyJWKError, AttributeError, TypeError) as error:
        raise Refused("The tool's key set cannot be used.") from error


def _fetch(url: str) -> dict[str, Any]:
    try:
        with requests.get(url, timeout=FETCH_SECONDS, stream=True, allow_redirects=False) as answer:
            answer.raise_for_status()
            content = json.loads(answer.raw.read(LARGEST_KEYSET, decode_content=True))
    except (requests.RequestException, ValueError) as error:
        raise Refused("The tool's key set could not be fetched.") from error
    if not isinstance(content, dict):
        raise Refused("The tool's key set is not a JSON object.")
    return content


def _public_jwk(key: SigningKey) -> dict[str, Any]:
    private = serialization.load_pem_private_key(key.private_pem.encode(), password=None)
    assert isinstance(private, RSAPrivateKey)
    numbers: dict[str, Any] = jwt.algorithms.RSAAlgorithm.to_jwk(private.public_key(), as_dict=True)
    return {"kty": "RSA", "n": numbers["n"], "e": numbers["e"], "kid": key.kid, "alg": "RS256", "use": "sig"}
