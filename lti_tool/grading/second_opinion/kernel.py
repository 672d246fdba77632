"""How alike papers are: by their words and parts of words, and by what can be counted in them.

Papers of other tasks count with what carries over, and hardly with their words. The figures were chosen by
measurement on public data: benchmarks/grading_agreement.py. scikit-learn is imported late: it costs a second and a
hundred megabytes, and only the worker that learns should pay them.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lti_tool.grading.second_opinion.features import Paper, countable

Matrix = NDArray[np.float64]

WORDS, PARTS = (1, 2), (3, 5)
OTHER_TASK = 0.3
"""How much the words of another task's papers count."""
LONGEST = 3.0
"""Counts further than so many deviations from the mean say no more."""


def likeness(papers: Sequence[Paper]) -> Matrix:
    """The kernel matrix of all papers, graded or not."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    texts = [paper.text for paper in papers]
    words = TfidfVectorizer(token_pattern=r"\w+", ngram_range=WORDS, sublinear_tf=True)
    parts = TfidfVectorizer(analyzer="char_wb", ngram_range=PARTS, sublinear_tf=True)
    written = [_products(vectoriser, texts) for vectoriser in (words, parts)]
    groups = np.array([paper.group for paper in papers])
    same = np.where(groups[:, None] == groups[None], 1.0, OTHER_TASK)
    return np.asarray(same * sum(written) / len(written) + _counted(papers), dtype=np.float64)


def _products(vectoriser: Any, texts: Sequence[str]) -> Matrix:
    if not any(any(character.isalnum() for character in text) for text in texts):
        return np.zeros((len(texts), len(texts)))
    rows = vectoriser.fit_transform(texts)
    return np.asarray((rows @ rows.T).toarray(), dtype=np.float64)


def _counted(papers: Sequence[Paper]) -> Matrix:
    counts = np.array([countable(paper) for paper in papers])
    spread = counts.std(axis=0)
    kept = np.clip((counts - counts.mean(axis=0)) / np.where(spread > 0, spread, 1), -LONGEST, LONGEST)
    return np.asarray(kept @ kept.T / kept.shape[1], dtype=np.float64)
