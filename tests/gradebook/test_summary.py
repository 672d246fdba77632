"""The comment in the gradebook: short, plain, and with the way back."""

from lti_tool.gradebook.summary import LONGEST, summary

ADDRESS = "https://moodle.example/mod/lti/view.php?id=7"


def test_a_short_comment_goes_whole_with_the_address_behind_it() -> None:
    assert summary("Clarity: 3 / 4", ADDRESS) == f"Clarity: 3 / 4\n\n{ADDRESS}"


def test_a_long_comment_is_cut_at_a_word() -> None:
    cut = summary("word " * 1_000, None)
    assert len(cut) <= LONGEST and cut.endswith("word …")


def test_a_comment_of_one_long_word_is_cut_as_well() -> None:
    assert len(summary("x" * 5_000, None)) <= LONGEST


def test_without_words_there_is_the_address_alone() -> None:
    assert summary("", ADDRESS) == ADDRESS and summary("", None) == ""
