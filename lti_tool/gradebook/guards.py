"""What the tables of grades, approvals and pushes refuse, in the database's own words; migrations repeat it."""

GUARDS = """
CREATE FUNCTION gradebook_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND current_setting('lectern.erasing', true) = 'on' THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME;
END $$;

CREATE FUNCTION gradebook_check_approval() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM grade WHERE id = NEW.grade_id AND version = NEW.grade_version
        AND points = NEW.points AND maximum = NEW.maximum AND comment = NEW.comment;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'an approval must be of the grade as it stands';
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION gradebook_check_push() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' OR NEW.grade_id <> OLD.grade_id THEN
        PERFORM 1 FROM grade
            LEFT JOIN resource_link ON resource_link.id = NEW.resource_link_id
            LEFT JOIN moodle_assignment ON moodle_assignment.id = NEW.moodle_assignment_id
            WHERE grade.id = NEW.grade_id
              AND grade.placement_id IN (resource_link.placement_id, moodle_assignment.placement_id);
        IF NOT FOUND THEN
            RAISE EXCEPTION 'a push must go to the column of its own placement';
        END IF;
    ELSIF NEW.grade_version < OLD.grade_version THEN
        RAISE EXCEPTION 'a push never goes back to an earlier approval';
    END IF;
    IF TG_OP = 'UPDATE' AND NEW.last_timestamp < OLD.last_timestamp THEN
        RAISE EXCEPTION 'the timestamps of a push only grow';
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION gradebook_check_release() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM approval WHERE grade_id = NEW.grade_id AND grade_version = NEW.grade_version
        AND NOT EXISTS (SELECT FROM approval_end WHERE approval_id = approval.id AND kind = 'released');
    IF FOUND THEN
        RAISE EXCEPTION 'a push must be of a released approval';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER approval_matches_grade BEFORE INSERT ON approval
    FOR EACH ROW EXECUTE FUNCTION gradebook_check_approval();
CREATE TRIGGER approval_append_only BEFORE UPDATE OR DELETE ON approval
    FOR EACH ROW EXECUTE FUNCTION gradebook_refuse_change();
CREATE TRIGGER approval_no_truncate BEFORE TRUNCATE ON approval
    FOR EACH STATEMENT EXECUTE FUNCTION gradebook_refuse_change();
CREATE TRIGGER approval_end_append_only BEFORE UPDATE OR DELETE ON approval_end
    FOR EACH ROW EXECUTE FUNCTION gradebook_refuse_change();
CREATE TRIGGER approval_end_no_truncate BEFORE TRUNCATE ON approval_end
    FOR EACH STATEMENT EXECUTE FUNCTION gradebook_refuse_change();
CREATE TRIGGER push_is_released BEFORE INSERT OR UPDATE OF grade_id, grade_version ON push
    FOR EACH ROW EXECUTE FUNCTION gradebook_check_release();
CREATE TRIGGER push_attempt_append_only BEFORE UPDATE OR DELETE ON push_attempt
    FOR EACH ROW EXECUTE FUNCTION gradebook_refuse_change();
CREATE TRIGGER push_attempt_no_truncate BEFORE TRUNCATE ON push_attempt
    FOR EACH STATEMENT EXECUTE FUNCTION gradebook_refuse_change();
CREATE TRIGGER push_is_lawful BEFORE INSERT OR UPDATE ON push
    FOR EACH ROW EXECUTE FUNCTION gradebook_check_push();
"""
