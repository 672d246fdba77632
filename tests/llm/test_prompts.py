"""Every shipped prompt has a version; only named gaps are filled."""

import pytest

from lti_tool.llm.prompts import FOLDER, fill, fresh_mark, load_prompt
from lti_tool.llm.pseudonymiser import Identities, Mask


@pytest.mark.parametrize("id", sorted(path.stem for path in FOLDER.glob("*.txt")))
def test_every_prompt_has_a_version_and_a_text(id: str) -> None:
    prompt = load_prompt(id)
    assert prompt.version >= 1 and prompt.text


def test_only_given_names_are_filled() -> None:
    assert fill('{course}: {"json": {x}} {lang}', course="Plants") == 'Plants: {"json": {x}} {lang}'


def test_a_filled_text_is_not_filled_again() -> None:
    assert fill("{a} {b}", a="{b}", b="2") == "{b} 2"


def test_a_mark_leaves_the_house_as_it_was_made() -> None:
    lines = "\n".join(f"--- {fresh_mark()} question" for _ in range(500))
    assert Mask(Identities()).hide(lines) == lines and len(set(lines.split("\n"))) == 500
