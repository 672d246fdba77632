"""Works of pages, as marks on pages have them."""

from tests.grading.pagemarks.conftest import paper, placed

__all__ = ["paper", "placed"]
