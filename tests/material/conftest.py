"""The material page needs the same sources as the content package."""

from tests.content.conftest import make_source, store

__all__ = ["make_source", "store"]
