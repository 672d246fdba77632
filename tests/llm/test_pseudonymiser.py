"""What leaves holds no name, address or number of a person; what comes back reads as if nothing had happened."""

from random import Random

import pytest

from lti_tool.llm.pseudonymiser import Identities, Identity, Mask, StreamRestorer

PEOPLE = Identities(
    people=(
        Identity(names=("Ana Ruiz", "Ana", "Ruiz"), codes=("ana@uni.example", "000000000017")),
        Identity(names=("Will Smith", "Will", "Smith"), codes=("s12-34",)),
        Identity(names=("Jörg Müller-Lüdenscheidt",)),
        Identity(names=("Li Wu",)),
        Identity(names=("王小明",)),
        Identity(names=("Ana Costa",)),
    )
)


@pytest.mark.parametrize(
    ("said", "left"),
    [
        ("Ana Ruiz asks", "[person-1] asks"),
        ("RUIZ, ANA asks", "[person-1] asks"),
        ("i am ana ruiz", "i am [person-1]"),
        ("Ruiz and Costa", "[person-1] and [person-2]"),
        ("Joerg? No: jorg mueller", "Joerg? No: [person-1] mueller"),
        ("Müller wrote", "[person-1] wrote"),
        ("Lüdenscheidt's work", "[person-1]'s work"),
        ("我叫王小明，你好", "我叫[person-1]，你好"),
        ("mail ana@uni.example", "mail [email-1]"),
        ("mail somebody.else+x@mail.other.example now", "mail [email-1] now"),
        ("my number is 000000000017", "my number is [number-1]"),
        ("call +49 30 1234567", "call [number-1]"),
        ("I am S12-34.", "I am [number-1]."),
    ],
)
def test_what_names_a_person_is_hidden(said: str, left: str) -> None:
    assert Mask(PEOPLE).hide(said) == left


@pytest.mark.parametrize(
    "said",
    [
        "Will the exam be hard?",
        "It will rain.",
        "banana and anaconda",
        "the ruizella plant",
        "3.14159265358 and 2.99792458",
        "In 1848 and 1914",
        "[person-9] is not ours",
    ],
)
def test_ordinary_words_and_numbers_stay(said: str) -> None:
    assert Mask(PEOPLE).hide(said) == said


def test_an_ambiguous_word_is_a_name_inside_a_sentence_or_beside_its_other_part() -> None:
    assert Mask(PEOPLE).hide("I asked Will about it.") == "I asked [person-1] about it."
    assert Mask(PEOPLE).hide("will smith said") == "[person-1] said"


def test_the_same_person_is_the_same_number_in_all_messages_of_a_call() -> None:
    mask = Mask(PEOPLE)
    assert [mask.hide("Ruiz"), mask.hide("Costa"), mask.hide("Ana Ruiz")] == [
        "[person-1]",
        "[person-2]",
        "[person-1b]",
    ]


def test_an_answer_is_restored_and_foreign_tags_stay() -> None:
    mask = Mask(PEOPLE)
    mask.hide("Ana Ruiz, ana@uni.example")
    assert mask.restore("Dear [person-1] ([Email-1]), see [person-7] and [1].") == (
        "Dear Ana Ruiz (ana@uni.example), see [person-7] and [1]."
    )


def test_each_way_to_write_a_name_is_restored_as_it_was() -> None:
    mask, said = Mask(PEOPLE), "RUIZ, Ana: ruiz! Ana Ruiz? Ana, Ana Costa; Ruiz Ruiz"
    assert mask.restore(mask.hide(said)) == said


def test_a_tag_typed_by_the_person_is_not_taken_for_ours() -> None:
    mask = Mask(PEOPLE)
    assert mask.hide("[person-1] Ruiz") == "[person-1] [person-1]"


@pytest.mark.parametrize("seed", range(20))
def test_restoring_piece_by_piece_gives_what_restoring_at_once_does(seed: int) -> None:
    random, mask = Random(seed), Mask(PEOPLE)
    answer = mask.hide("Dear Ana Ruiz, [see] ana@uni.example [[Will Smith]] and [1][2] [")
    restorer, out, position = StreamRestorer(mask), "", 0
    while position < len(answer):
        size = random.randint(1, 7)
        out += restorer.feed(answer[position : position + size])
        position += size
    assert out + restorer.rest() == mask.restore(answer)


def test_text_without_tags_is_not_held_back() -> None:
    assert StreamRestorer(Mask(PEOPLE)).feed("A leaf ") == "A leaf "


def test_without_numbers_every_person_is_the_same_word() -> None:
    assert Mask(PEOPLE, numbered=False).hide("Ana Ruiz met Will Smith") == "[person] met [person]"


def test_a_name_with_quotes_keeps_json_readable() -> None:
    mask = Mask(Identities(people=(Identity(names=('Jo "Ace" Bell',)),)))
    hidden = mask.hide('Jo "Ace" Bell')
    assert '"' not in mask.restore(hidden, inside_json=True).replace('\\"', "")
