"""Is a text quoted in a question, letter for letter or nearly so? Runs of four words that both have say so.

A title of a few words is named in honest questions every day, so only a longer text can be quoted.
"""

from lti_tool.content.lexemes import PART, terms_of

RUN = 4
LEAST_RUNS = 3
LEAST_SHARE = 0.5


def is_quoted(text: str, question: str) -> bool:
    """Whether half of the shorter one's runs of words, and at least six words in a row or so, stand in both."""
    in_text, in_question = _runs(text), _runs(question)
    shared = len(in_text & in_question)
    return shared >= LEAST_RUNS and shared >= LEAST_SHARE * min(len(in_text), len(in_question))


def _runs(text: str) -> set[tuple[str, ...]]:
    words = [term for term in terms_of(text) if not term.startswith(PART)]
    return {tuple(words[start : start + RUN]) for start in range(len(words) - RUN + 1)}
