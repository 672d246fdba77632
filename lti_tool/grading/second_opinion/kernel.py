"""How alike papers are: by their words and parts of words, by meaning where a model made vectors, and by counts.

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
Vectors = Sequence[Sequence[float] | None]
"""One a paper, all of the same length; None for a paper without one."""

WORDS, PARTS = (1, 2), (3, 5)
OTHER_TASK = 0.3
"""How much the words of another task's papers count."""
SMALLEST = 1e-9
LONGEST = 3.0
"""Counts further than so many deviations from the mean say no more."""


def likeness(papers: Sequence[Paper], vectors: Vectors = ()) -> Matrix:
    """The kernel matrix of all papers, graded or not; vectors, where there are any, count like words do."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    texts = [paper.text for paper in papers]
    words = TfidfVectorizer(token_pattern=r"\w+", ngram_range=WORDS, sublinear_tf=True)
    parts = TfidfVectorizer(analyzer="char_wb", ngram_range=PARTS, sublinear_tf=True)
    written = [_products(vectoriser, texts) for vectoriser in (words, parts)]
    groups = np.array([paper.group for paper in papers])
    if any(vector is not None for vector in vectors):
        written.append(_meant(vectors, groups))
    same = np.where(groups[:, None] == groups[None], 1.0, OTHER_TASK)
    return np.asarray(same * sum(written) / len(written) + _counted(papers), dtype=np.float64)


def _products(vectoriser: Any, texts: Sequence[str]) -> Matrix:
    if not any(any(character.isalnum() for character in text) for text in texts):
        return np.zeros((len(texts), len(texts)))
    rows = vectoriser.fit_transform(texts)
    return np.asarray((rows @ rows.T).toarray(), dtype=np.float64)


def _meant(vectors: Vectors, groups: NDArray[np.str_]) -> Matrix:
    """Cosines of what is each paper's own: answers to one task are all about the same, and that is taken off first.

    A paper without a vector is like no other here, and is judged by the rest.
    """
    length = max(len(vector) for vector in vectors if vector is not None)
    rows = np.array([vector if vector is not None else [0.0] * length for vector in vectors])
    has_one = np.array([vector is not None for vector in vectors])
    for group in np.unique(groups[has_one]):
        places = has_one & (groups == group)
        rows[places] -= rows[places].mean(axis=0)
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    rows /= np.where(lengths > SMALLEST, lengths, 1.0)
    return np.asarray(rows @ rows.T, dtype=np.float64)


def _counted(papers: Sequence[Paper]) -> Matrix:
    counts = np.array([countable(paper) for paper in papers])
    spread = counts.std(axis=0)
    kept = np.clip((counts - counts.mean(axis=0)) / np.where(spread > 0, spread, 1), -LONGEST, LONGEST)
    return np.asarray(kept @ kept.T / kept.shape[1], dtype=np.float64)
