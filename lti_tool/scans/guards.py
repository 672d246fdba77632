"""What the database refuses of papers and pages, whoever asks: the text of its triggers.

models.py gives it to schemas made from the models; migrations 0013 and later repeat it.
"""

from collections.abc import Mapping, Set
from enum import StrEnum
from typing import TypeVar

from lti_tool.scans.pages.states import PAGE_MOVES
from lti_tool.scans.states import MOVES, REARRANGED

State = TypeVar("State", bound=StrEnum)


def _moves(table: Mapping[State, Set[State]]) -> str:
    return ",\n        ".join(f"('{state}', '{to}')" for state, targets in table.items() for to in sorted(targets))


REARRANGED_STATES = ", ".join(f"'{state}'" for state in sorted(REARRANGED))

CHECK_PAPER = f"""
CREATE FUNCTION scans_check_paper() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.state <> 'received' THEN
            RAISE EXCEPTION 'a paper begins as received';
        END IF;
        RETURN NEW;
    END IF;
    IF NEW.placement_id <> OLD.placement_id THEN
        RAISE EXCEPTION 'a paper keeps its exam';
    END IF;
    IF (NEW.sha256, NEW.pages) IS DISTINCT FROM (OLD.sha256, OLD.pages)
        AND OLD.state NOT IN ({REARRANGED_STATES}) THEN
        RAISE EXCEPTION 'a paper that was shown keeps its pages';
    END IF;
    IF (NEW.sha256, NEW.pages) IS DISTINCT FROM (OLD.sha256, OLD.pages)
        AND NEW.person_id IS NOT NULL AND NEW.binding <= OLD.binding THEN
        RAISE EXCEPTION 'a paper with other pages is a new binding';
    END IF;
    IF NEW.state <> OLD.state AND (OLD.state, NEW.state) NOT IN (
        {_moves(MOVES)}
    ) THEN
        RAISE EXCEPTION 'a paper does not go from % to %', OLD.state, NEW.state;
    END IF;
    IF NEW.person_id IS DISTINCT FROM OLD.person_id AND NEW.person_id IS NOT NULL AND NEW.binding <= OLD.binding THEN
        RAISE EXCEPTION 'a paper given to somebody else is a new binding';
    END IF;
    IF NEW.state = 'released' AND OLD.state <> 'released' OR NEW.state = 'released' AND NEW.binding <> OLD.binding THEN
        PERFORM 1 FROM verification WHERE paper_id = NEW.id AND binding = NEW.binding AND person_id = NEW.person_id
            AND kind = 'matched';
        IF NOT FOUND THEN
            PERFORM 1 FROM paper_judgement WHERE paper_id = NEW.id AND binding = NEW.binding
                AND person_id = NEW.person_id AND strength = 'strong';
            IF NOT FOUND OR NEW.missing <> '[]'::jsonb OR OLD.state <> 'bound' THEN
                RAISE EXCEPTION 'a paper is released only after a person has confirmed whose it is, or on two facts';
            END IF;
        END IF;
    END IF;
    IF NEW.state = 'confirmed' THEN
        PERFORM 1 FROM verification WHERE paper_id = NEW.id AND binding = NEW.binding AND person_id = NEW.person_id
            AND kind IN ('complete', 'accepted');
        IF NOT FOUND THEN
            RAISE EXCEPTION 'a paper is confirmed by its student alone, or accepted on their behalf';
        END IF;
    END IF;
    IF NEW.state = 'discarded' THEN
        PERFORM 1 FROM discard WHERE paper_id = NEW.id;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'a paper is discarded for a reason';
        END IF;
    END IF;
    RETURN NEW;
END $$;
"""

CHECK_PAGE = f"""
CREATE FUNCTION scans_check_page() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.state <> 'received' THEN
            RAISE EXCEPTION 'a page begins as received';
        END IF;
        RETURN NEW;
    END IF;
    IF (NEW.placement_id, NEW.sent_file_id, NEW.number) IS DISTINCT FROM
        (OLD.placement_id, OLD.sent_file_id, OLD.number) THEN
        RAISE EXCEPTION 'a page keeps its original';
    END IF;
    IF OLD.image_id IS NOT NULL AND (NEW.image_id, NEW.sha256) IS DISTINCT FROM (OLD.image_id, OLD.sha256)
        AND NOT (NEW.state = 'purged' AND NEW.image_id IS NULL AND NEW.sha256 = OLD.sha256) THEN
        RAISE EXCEPTION 'a page keeps its picture';
    END IF;
    IF NEW.state <> OLD.state AND (OLD.state, NEW.state) NOT IN (
        {_moves(PAGE_MOVES)}
    ) THEN
        RAISE EXCEPTION 'a page does not go from % to %', OLD.state, NEW.state;
    END IF;
    RETURN NEW;
END $$;
"""

APPEND_ONLY = """
CREATE FUNCTION scans_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- A person is erased by emptying what speaks of them; the row stays.
    IF TG_OP = 'UPDATE' AND current_setting('lectern.erasing', true) = 'on' THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME;
END $$;
"""


def _append_only(table: str) -> str:
    return f"""
CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table}
    FOR EACH ROW EXECUTE FUNCTION scans_refuse_change();
CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION scans_refuse_change();
"""


PAPER_TRIGGERS = """
CREATE TRIGGER paper_is_lawful BEFORE INSERT OR UPDATE ON paper
    FOR EACH ROW EXECUTE FUNCTION scans_check_paper();
CREATE TRIGGER paper_is_kept BEFORE DELETE ON paper
    FOR EACH ROW EXECUTE FUNCTION scans_refuse_change();
"""
PAGE_TRIGGERS = """
CREATE TRIGGER scan_page_is_lawful BEFORE INSERT OR UPDATE ON scan_page
    FOR EACH ROW EXECUTE FUNCTION scans_check_page();
CREATE TRIGGER scan_page_is_kept BEFORE DELETE ON scan_page
    FOR EACH ROW EXECUTE FUNCTION scans_refuse_change();
CREATE TRIGGER scan_file_is_kept BEFORE DELETE ON scan_file
    FOR EACH ROW EXECUTE FUNCTION scans_refuse_change();
"""

GUARDS = "".join(
    [
        APPEND_ONLY,
        CHECK_PAPER,
        CHECK_PAGE,
        PAPER_TRIGGERS,
        PAGE_TRIGGERS,
        *map(_append_only, ("verification", "discard", "paper_judgement", "scan_evidence", "report_answer")),
    ]
)
