"""What the tables of proposals refuse, in the database's own words; migrations repeat it."""

GUARDS = """
CREATE FUNCTION proposal_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND current_setting('lectern.erasing', true) = 'on' THEN
        RETURN NEW;
    END IF;
    IF TG_TABLE_NAME = 'proposal' THEN
        IF NEW.state = 'outdated' THEN
            OLD.state := 'outdated';
            IF NEW IS NOT DISTINCT FROM OLD THEN
                RETURN NEW;
            END IF;
        END IF;
    END IF;
    RAISE EXCEPTION 'what a model proposed is never changed';
END $$;

CREATE FUNCTION proposal_keep_range() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM proposal JOIN criterion ON criterion.rubric_id = proposal.rubric_id
        LEFT JOIN level ON level.id = NEW.level_id
        WHERE proposal.id = NEW.proposal_id AND criterion.id = NEW.criterion_id
            AND NEW.points <= criterion.points AND (level.id IS NULL OR NEW.points = level.points);
    IF NOT FOUND THEN
        RAISE EXCEPTION 'a proposed tick must fit the rubric';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER proposal_is_fixed BEFORE UPDATE ON proposal
    FOR EACH ROW EXECUTE FUNCTION proposal_refuse_change();
CREATE TRIGGER proposed_tick_is_fixed BEFORE UPDATE ON proposed_tick
    FOR EACH ROW EXECUTE FUNCTION proposal_refuse_change();
CREATE TRIGGER proposed_tick_in_range BEFORE INSERT ON proposed_tick
    FOR EACH ROW EXECUTE FUNCTION proposal_keep_range();
CREATE TRIGGER proposed_evidence_is_fixed BEFORE UPDATE ON proposed_evidence
    FOR EACH ROW EXECUTE FUNCTION proposal_refuse_change();
"""
