"""What is counted in an answer, whatever its language."""

from lti_tool.grading.second_opinion.features import Paper, countable, recall, word_count


def test_words_are_counted_in_any_script() -> None:
    assert word_count("Bitki ışığı emer.") == 3
    assert word_count("") == 0


def test_a_paper_without_references_or_words_has_as_many_features() -> None:
    full = Paper(text="Light is absorbed.", task="What happens?", references=("Leaves absorb light.",))
    assert len(countable(Paper(text=""))) == len(countable(full))


def test_overlap_knows_the_beginnings_of_words_and_takes_the_best_reference() -> None:
    paper = Paper(text="the plant absorbs energy", references=("nothing alike", "absorbed energy"))
    assert recall(paper) == 1


def test_a_denial_is_told_from_a_claim() -> None:
    said, denied = (countable(Paper(text=text)) for text in ("It absorbs light", "It does not absorb light"))
    assert said[5] != denied[5]
