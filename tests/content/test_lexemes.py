"""The same word in another dress is the same lexeme, in every script."""

from collections import Counter

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from lti_tool.content.lexemes import folded, terms_of, vector_of


@pytest.mark.parametrize(
    ("one", "other"),
    [("Größe", "GROSSE"), ("café", "CAFE\u0301"), ("ＡＢＣ", "abc"), ("الكِتاب", "الكتاب"), ("naïve", "Naive")],
)
def test_case_width_and_diacritics_make_no_difference(one: str, other: str) -> None:
    assert folded(one) == folded(other)


def test_vowel_marks_of_indic_scripts_are_kept() -> None:
    assert list(terms_of("दिन")) != list(terms_of("दान"))


def test_inflected_words_share_a_part() -> None:
    assert set(terms_of("evlerimizden")) & set(terms_of("evlerimizin")) == {"^evle", "^evler"}


def test_an_arabic_word_is_found_behind_its_article() -> None:
    assert {"^كتاب"} == set(terms_of("الكتاب")) & set(terms_of("كتاب")) - {"كتاب"}


def test_chinese_becomes_pairs_and_single_characters() -> None:
    assert list(terms_of("光合作")) == ["光合", "合作", "^光", "^合", "^作"]


def test_a_latin_word_within_chinese_stays_a_word() -> None:
    assert "dna" in set(terms_of("使用DNA技术"))


def test_what_stands_twice_and_four_times_is_marked(session: Session) -> None:
    vector = vector_of(7, Counter({"leaf": 4, "tree": 2, "root": 1}))
    found = session.scalar(text("SELECT tsvector_to_array(CAST(:vector AS tsvector))"), {"vector": vector})
    assert set(found or ()) == {"7:", "7:leaf", "7:leaf~2", "7:leaf~4", "7:tree", "7:tree~2", "7:root"}


def test_any_text_makes_a_vector_that_postgresql_reads(session: Session) -> None:
    strange = "it's \\ 'quoted' a:b a~2 ^x \x01 " + "w" * 5000 + " 𝒳 ﷺ 한국어 ไทย _under_ 1.5"
    vector = vector_of(1, Counter(terms_of(strange)))
    assert session.scalar(text("SELECT length(CAST(:vector AS tsvector))"), {"vector": vector})
