"""What the database refuses of deliveries, whoever asks: the text of its triggers. Its migration repeats it."""

from lti_tool.scans.delivery.states import MOVES

LAWFUL = ",\n        ".join(f"('{state}', '{to}')" for state, targets in MOVES.items() for to in sorted(targets))

GUARDS = f"""
CREATE FUNCTION scans_check_delivery() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.id, NEW.key, NEW.target_id, NEW.paper_id, NEW.person_id, NEW.kind, NEW.approval_id)
        IS DISTINCT FROM (OLD.id, OLD.key, OLD.target_id, OLD.paper_id, OLD.person_id, OLD.kind, OLD.approval_id) THEN
        RAISE EXCEPTION 'a delivery keeps what it is of';
    END IF;
    IF OLD.sha256 <> '' AND NEW.sha256 <> OLD.sha256 THEN
        RAISE EXCEPTION 'a delivery keeps its file';
    END IF;
    IF NEW.state <> OLD.state AND (OLD.state, NEW.state) NOT IN (
        {LAWFUL}
    ) THEN
        RAISE EXCEPTION 'a delivery does not go from % to %', OLD.state, NEW.state;
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION scans_refuse_delivery_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME;
END $$;

CREATE TRIGGER delivery_is_lawful BEFORE UPDATE ON delivery
    FOR EACH ROW EXECUTE FUNCTION scans_check_delivery();
CREATE TRIGGER delivery_is_kept BEFORE DELETE ON delivery
    FOR EACH ROW EXECUTE FUNCTION scans_refuse_delivery_change();
CREATE TRIGGER delivery_step_append_only BEFORE UPDATE OR DELETE ON delivery_step
    FOR EACH ROW EXECUTE FUNCTION scans_refuse_delivery_change();
CREATE TRIGGER delivery_step_no_truncate BEFORE TRUNCATE ON delivery_step
    FOR EACH STATEMENT EXECUTE FUNCTION scans_refuse_delivery_change();
"""
