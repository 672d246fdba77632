"""The one statement that ranks the chunks of a course: by words, by meaning, and by both together.

Words count by how rare they are in this course (BM25's weights); how often a term stands in a chunk is read from the
marked lexemes (content/lexemes.py), so the index alone answers and no row's vector is unpacked. Meaning is the exact
cosine over the course's narrow rows (stack-measurements.md 3 and 4). Every branch is filtered by course here.

Both together are the sum of the score by words, a share of the question, and the cosine. Ranks alone (reciprocal rank
fusion) were worse than words alone: they believe a model that cannot tell passages apart as much as one that can, while
its cosines lie so close together that they hardly count (docs/developers/testing.md has the figures).
"""

from sqlalchemy import text

# The planner thinks reading a whole small table cheaper than its indexes: it does not count unpacking the vectors.
BY_INDEX = text("SET LOCAL enable_seqscan = off")
AS_USUAL = text("SET LOCAL enable_seqscan = on")

WEIGHED = """course AS MATERIALIZED (
    SELECT coalesce((SELECT chunks FROM course_lexeme WHERE lexeme = :total_lexeme), 0)::float8 AS chunks,
           coalesce((SELECT avg(term_count) FROM chunk WHERE course_id = :course), 1)::float8 AS terms
),
-- The rarer a term is in this course, the more it says. What the course never says matches nothing and weighs no more
-- than the rarest of what it does say: in a small course any filler is absent, and would outweigh the subject.
known AS (
    SELECT asked.lexeme, asked.weight, found.chunks,
           ln(1 + (course.chunks - coalesce(found.chunks, 0) + 0.5) / (coalesce(found.chunks, 0) + 0.5)) AS rarity
    FROM unnest(CAST(:lexemes AS text[]), CAST(:weights AS float8[])) AS asked (lexeme, weight)
    CROSS JOIN course LEFT JOIN course_lexeme AS found ON found.lexeme = asked.lexeme
),
term AS MATERIALIZED (
    SELECT lexeme, chunks, weight * least(rarity, max(rarity) FILTER (WHERE chunks > 0) OVER ()) AS weight FROM known
)
"""

WEIGHED_TERMS = text(f"WITH {WEIGHED} SELECT lexeme, chunks, weight FROM term")

RANKED_PASSAGES = text(f"""
WITH readable AS (
    SELECT id FROM source WHERE course_id = :course AND (is_visible_to_students OR :include_hidden)
),
{WEIGHED},
asked AS (SELECT greatest(sum(weight), 1e-9) AS weight FROM term),
-- Rare terms first, until as many postings are read as a question is worth: the rest say little and cost most.
telling AS (
    SELECT lexeme, weight FROM (
        SELECT lexeme, weight, sum(chunks) OVER (ORDER BY weight DESC, lexeme) - chunks AS read_before
        FROM term WHERE chunks IS NOT NULL
    ) AS ordered WHERE read_before < :postings
),
matched AS (
    SELECT chunk.id, chunk.term_count, telling.weight * level.gain AS gain,
           CASE WHEN level.mark = '' THEN telling.weight ELSE 0 END AS covered
    FROM telling
    CROSS JOIN unnest(CAST(:marks AS text[]), CAST(:gains AS float8[])) AS level (mark, gain)
    CROSS JOIN LATERAL (
        SELECT id, course_id, source_id, term_count FROM chunk
        WHERE tsv @@ CAST(quote_literal(telling.lexeme || level.mark) AS tsquery) OFFSET 0
    ) AS chunk
    WHERE chunk.course_id = :course AND chunk.source_id IN (SELECT id FROM readable)
),
by_words AS (
    SELECT id, row_number() OVER (ORDER BY score DESC, id) AS rank, score, covered FROM (
        SELECT matched.id, sum(covered) AS covered,
               sum(gain) / (0.65 + 0.35 * min(matched.term_count) / min(course.terms)) AS score
        FROM matched CROSS JOIN course GROUP BY matched.id
    ) AS scored ORDER BY score DESC, id LIMIT :depth
),
by_meaning AS (
    SELECT id, row_number() OVER (ORDER BY distance, id) AS rank, distance FROM (
        SELECT chunk_id AS id, embedding <=> CAST(:vector AS halfvec) AS distance
        FROM chunk_embedding
        WHERE CAST(:vector AS halfvec) IS NOT NULL AND course_id = :course
            AND model_id = (SELECT id FROM embedding_model WHERE name = :model)
            AND source_id IN (SELECT id FROM readable)
        ORDER BY distance, id LIMIT :depth
    ) AS nearest
),
candidate AS (
    SELECT id, by_words.covered / asked.weight AS coverage, by_words.score / asked.weight AS score,
           by_words.rank AS words_rank, by_meaning.rank AS meaning_rank,
           1 - coalesce(by_meaning.distance, (
               SELECT embedding <=> CAST(:vector AS halfvec) FROM chunk_embedding
               WHERE chunk_id = by_words.id AND model_id = (SELECT id FROM embedding_model WHERE name = :model)
           )) AS similarity
    FROM by_words FULL JOIN by_meaning USING (id) CROSS JOIN asked
)
SELECT chunk.id AS chunk_id, source.id AS source_id, source.title, source.url, stored_file.media_type,
       chunk.page, chunk.heading, chunk.text, coverage, score, similarity, words_rank, meaning_rank,
       -- What has no vector yet is taken to be as alike as the least alike of the others.
       coalesce(score, 0) + coalesce(similarity, min(similarity) OVER (), 0) AS relevance
FROM candidate JOIN chunk USING (id)
JOIN source ON source.id = chunk.source_id JOIN stored_file ON stored_file.id = source.file_id
ORDER BY relevance DESC, words_rank NULLS LAST, chunk.id
LIMIT :lim
""")
