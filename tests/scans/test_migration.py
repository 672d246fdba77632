"""Papers that were one file each become the pages of that file, and go back to it."""

from alembic import command
from sqlalchemy import Connection, Engine, text

from lti_tool.migrate import alembic_config

BEFORE, AFTER = "0032", "0033"
ROWS = """
INSERT INTO stored_file (id, sha256, size, media_type, name)
SELECT ('00000000-0000-0000-0000-00000000000' || n)::uuid, repeat(n::text, 64), 9, 'application/pdf', n || '.pdf'
  FROM generate_series(1, 3) AS n;
INSERT INTO scan_batch (id, placement_id, uploaded_by_id) VALUES (gen_random_uuid(), gen_random_uuid(), 1);
INSERT INTO paper (id, placement_id, batch_id, file_id, sha256, pages, register_number, subject_code, state, problem,
                   person_id, basis, binding, changed_at)
SELECT stored_file.id, placement_id, scan_batch.id, stored_file.id, sha256, 2, '23052110010' || left(name, 1), 'BIO210',
       (ARRAY['confirmed', 'unmatched', 'discarded'])[left(name, 1)::int],
       CASE left(name, 1) WHEN '2' THEN 'unknown_number' END, CASE left(name, 1) WHEN '1' THEN 7 END,
       CASE left(name, 1) WHEN '1' THEN 'filename' END, 1, now()
  FROM stored_file, scan_batch;
INSERT INTO discard (paper_id, reason, by_id) SELECT id, 'Blank', 1 FROM paper WHERE state = 'discarded';
"""
PAPERS = "SELECT state, name, pages, strength, attempt, missing::text FROM paper ORDER BY name"
PAGES = """
SELECT scan_page.state, count(*), max(position), count(*) FILTER (WHERE scan_page.reason = 'Blank')
  FROM scan_page JOIN paper_page ON page_id = scan_page.id JOIN scan_file ON scan_file.id = sent_file_id
 GROUP BY scan_page.state, scan_file.name ORDER BY scan_file.name
"""


def rows(connection: Connection, query: str) -> list[tuple[object, ...]]:
    return [tuple(row) for row in connection.execute(text(query))]


def test_papers_become_their_pages_and_go_back(committed_engine: Engine) -> None:
    with committed_engine.connect() as connection:
        config = alembic_config(connection)
        command.downgrade(config, BEFORE)
        connection.execute(text("SET session_replication_role = replica"))
        connection.execute(text(ROWS))
        command.upgrade(config, AFTER)
        assert rows(connection, PAPERS) == [
            ("confirmed", "1.pdf", 2, "weak", 1, "[]"),
            ("unmatched", "2.pdf", 2, None, 1, "[]"),
            ("discarded", "3.pdf", 2, None, 1, "[]"),
        ]
        assert rows(connection, PAGES) == [("placed", 2, 2, 0), ("placed", 2, 2, 0), ("discarded", 2, 2, 2)]
        assert rows(connection, "SELECT strength, facts::text FROM paper_judgement") == [("weak", '["filename"]')]
        assert rows(connection, "SELECT count(*) FROM scan_evidence WHERE kind = 'filename'") == [(3,)]
        command.downgrade(config, BEFORE)
        back = "SELECT state, paper.id = file_id FROM paper ORDER BY register_number"
        assert rows(connection, back) == [("confirmed", True), ("unmatched", True), ("discarded", True)]
