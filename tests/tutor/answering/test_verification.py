"""A number stands only where the passage bears the sentence out, and quotation marks only around its own words."""

import pytest

from lti_tool.tutor.answering.verification import Checked, Evidence, check, evidence_of

OSMOSIS = (
    "Osmosis is the movement of water through a membrane that holds salt back. It goes on until the pressure on both "
    "sides of the membrane is the same, and it is the way in which the roots of a plant take up water from the soil."
)
LIGHT = (
    "The leaves of a plant use the energy of light to build sugar out of water and of carbon dioxide. This is the work "
    "of the chloroplasts, which are green by the chlorophyll they hold, and it sets free the oxygen in the air."
)


def checked(block: str, *texts: str) -> Checked:
    evidence: dict[int, Evidence] = {
        number: evidence_of(text) for number, text in enumerate(texts or (OSMOSIS, LIGHT), 1)
    }
    return check(block, evidence.get)


@pytest.mark.parametrize(
    "block",
    [
        "Water moves through the membrane, and the salt is held back [1].",
        "Water moves through the membrane, and the salt is held back. [1]",
        "According to [1], the movement of water through a membrane is called osmosis.",
        "In a plant, the leaves build sugar [2], and the roots take up water from the soil [1].",
        "The chloroplasts hold chlorophyll. They are green. They work with the energy of light. [2]",
        "- Osmosis: the water goes through the membrane [1]\n- Light: it is used in the leaves to build sugar [2]",
        "| part | work |\n|---|---|\n| roots | take up the water of the soil [1] |",
    ],
)
def test_a_sentence_that_its_passage_bears_out_keeps_its_number(block: str) -> None:
    result = checked(block)
    assert (result.text, result.struck) == (block, frozenset())


@pytest.mark.parametrize(
    ("block", "left"),
    [
        (
            "The treaty was signed by the king in the spring of 1648 [1].",
            "The treaty was signed by the king in the spring of 1648.",
        ),
        (
            "The treaty was signed by the king in the spring of 1648. [1] It is a fact.",
            "The treaty was signed by the king in the spring of 1648. It is a fact.",
        ),
        (
            "Osmosis goes on until the pressure on both sides of the membrane is the same [1, 2].",
            "Osmosis goes on until the pressure on both sides of the membrane is the same [1].",
        ),
        (
            "The water is held in a membrane [1]. The treaty was signed by the king in the spring [1].",
            "The water is held in a membrane [1]. The treaty was signed by the king in the spring.",
        ),
    ],
)
def test_a_number_under_a_sentence_of_other_things_is_struck(block: str, left: str) -> None:
    assert checked(block).text == left


def test_it_is_said_which_numbers_stay_and_which_go_altogether() -> None:
    result = checked(
        "The water goes through the membrane [1]. The treaty was signed by the king in the spring of 1648 [1, 2]."
    )
    assert (result.supported, result.struck) == (frozenset({1}), frozenset({2}))


@pytest.mark.parametrize(
    "block",
    [
        "Il trattato venne firmato dal sovrano nella primavera del 1648 a Monaco di Baviera [1].",
        "渗透作用是水通过半透膜的运动，直到两边的压力相等为止 [1]。",
        "Yes, exactly so [1].",
        "The probability of a movement through the membrane lies in [0, 7].",
        "The list values[7] holds the pressure on both sides, and so does the row [7] of the table.",
    ],
)
def test_what_words_cannot_judge_stays(block: str) -> None:
    """Another language, too few words, brackets that name no source."""
    assert checked(block).text == block


@pytest.mark.parametrize(
    ("block", "left"),
    [
        ("The water moves through the membrane [7].", "The water moves through the membrane."),
        ("The water moves through the membrane. [7] [1]", "The water moves through the membrane. [1]"),
        ("- The water moves [7]\n- The salt stays [8]", "- The water moves\n- The salt stays"),
    ],
)
def test_a_number_that_no_passage_has_is_struck(block: str, left: str) -> None:
    assert checked(block).text == left


@pytest.mark.parametrize(
    "block",
    [
        "`median([1])` of a treaty signed by the king in the spring of 1648",
        "```\ntreaty(king=[1], spring=[2], signed=[1])\n```",
        "The treaty of the king in the spring lies in $[1, 2]$ of the interval.",
    ],
)
def test_programs_and_formulas_are_left_alone(block: str) -> None:
    assert checked(block) == Checked(text=block, supported=frozenset(), struck=frozenset())


@pytest.mark.parametrize(
    "block",
    [
        'It is "the movement of water through a membrane" [1].',
        "It is “the *movement* of water … holds salt back” [1].",
        "As [1] has it, the “way in which the roots of a plant take up water”.",
        'The word "osmosis" is from Greek [1].',
        '"What we call the movement of water" is not attributed to anybody.',
        'Write `print("a treaty of the king")` for the membrane of the plant [1].',
    ],
)
def test_verbatim_quotations_terms_and_unattributed_words_keep_their_marks(block: str) -> None:
    assert checked(block).text == block


@pytest.mark.parametrize(
    ("block", "left"),
    [
        (
            'It is "the movement of salt through a membrane" [1].',
            "It is the movement of salt through a membrane [1].",
        ),
        (
            "It is „holds salt back … the movement of water“ through the membrane [1].",
            "It is holds salt back … the movement of water through the membrane [1].",
        ),
        (
            "It is «the energy of light in the leaves» of the plant [1, 2].",
            "It is the energy of light in the leaves of the plant [1, 2].",
        ),
    ],
)
def test_marks_around_words_that_do_not_stand_in_the_passage_are_struck(block: str, left: str) -> None:
    assert checked(block).text == left


def test_a_chinese_quotation_is_compared_without_spaces() -> None:
    text = "渗透作用是水通过半透膜的运动，直到两边的压力相等为止。"
    assert checked("「水通过半透膜的运动」[1]", text).text == "「水通过半透膜的运动」[1]"
    assert checked("「盐通过半透膜的运动」[1]", text).text == "盐通过半透膜的运动[1]"
