"""Which words of a question say what it is about: all but the function words of its language.

"Should" and "instead" say nothing, and in a small course they are rare and would weigh most. The language is the one
whose stop list in PostgreSQL holds most words of the question, so that none has to be set or guessed beforehand.
"""

import re
import unicodedata

from sqlalchemy import text
from sqlalchemy.orm import Session

from lti_tool.content.lexemes import INDIC

MOST_WORDS = 256
"""A pasted page is not a question."""

# Diacritics stay: the stop lists are written with them.
WORD = re.compile(rf"[\w\u0300-\u036f\u064b-\u065f{INDIC}]+")

FUNCTION_WORDS = text("""
SELECT array_agg(asked.word)
FROM pg_ts_dict AS dictionary CROSS JOIN unnest(CAST(:words AS text[])) AS asked (word)
WHERE dictionary.dictnamespace = 'pg_catalog'::regnamespace
    AND dictionary.dictname LIKE '%\\_stem' AND dictionary.dictinitoption LIKE '%stopwords%'
    AND ts_lexize(CAST(dictionary.oid AS regdictionary), asked.word) = '{}'
GROUP BY dictionary.dictname ORDER BY count(*) DESC, dictionary.dictname LIMIT 1
""")


def telling_words(session: Session, question: str) -> list[str]:
    """The words a question is about, each once and in lower case; all of them where nothing else is left."""
    lowered = unicodedata.normalize("NFC", question.lower())
    words = list(dict.fromkeys(WORD.findall(lowered)))[:MOST_WORDS]
    empty = set(session.scalar(FUNCTION_WORDS, {"words": words}) or ()) if words else set()
    return [word for word in words if word not in empty] or words
