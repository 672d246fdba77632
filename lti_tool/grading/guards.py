"""What the tables of submissions, rubrics and reviews refuse, in the database's own words; migrations repeat it.

Where `lectern.erasing` is on (accounts/erasure), what speaks of a person may be emptied, and files of work deleted.
"""

GUARDS = """
CREATE FUNCTION grading_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND current_setting('lectern.erasing', true) = 'on' THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION '% is never changed', TG_TABLE_NAME;
END $$;

CREATE FUNCTION grading_keep_submission() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND current_setting('lectern.erasing', true) = 'on' THEN
        RETURN NEW;
    END IF;
    IF OLD.state <> 'submitted' OR NEW.state <> 'withdrawn' OR to_jsonb(NEW) - 'state' <> to_jsonb(OLD) - 'state' THEN
        RAISE EXCEPTION '% is never changed', TG_TABLE_NAME;
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION grading_keep_files() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND current_setting('lectern.erasing', true) = 'on' THEN
        RETURN OLD;
    END IF;
    PERFORM 1 FROM submission WHERE state <> 'draft'
        AND id IN (CASE WHEN TG_OP <> 'INSERT' THEN OLD.submission_id END,
                   CASE WHEN TG_OP <> 'DELETE' THEN NEW.submission_id END);
    IF FOUND THEN
        RAISE EXCEPTION 'the files of a submitted submission never change';
    END IF;
    RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$;

CREATE FUNCTION grading_keep_rubric() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_TABLE_NAME = 'criterion' THEN
        PERFORM 1 FROM review WHERE rubric_id = NEW.rubric_id;
    ELSE
        PERFORM 1 FROM review JOIN criterion ON criterion.rubric_id = review.rubric_id
            WHERE criterion.id = NEW.criterion_id;
    END IF;
    IF FOUND THEN
        RAISE EXCEPTION 'a rubric in use never changes';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER submission_is_fixed BEFORE UPDATE ON submission
    FOR EACH ROW WHEN (OLD.state <> 'draft') EXECUTE FUNCTION grading_keep_submission();
CREATE TRIGGER submission_files_are_fixed BEFORE INSERT OR UPDATE OR DELETE ON submission_file
    FOR EACH ROW EXECUTE FUNCTION grading_keep_files();
CREATE TRIGGER rubric_is_fixed BEFORE UPDATE ON rubric
    FOR EACH ROW EXECUTE FUNCTION grading_refuse_change();
CREATE TRIGGER criterion_is_fixed BEFORE UPDATE OR DELETE ON criterion
    FOR EACH ROW EXECUTE FUNCTION grading_refuse_change();
CREATE TRIGGER level_is_fixed BEFORE UPDATE OR DELETE ON level
    FOR EACH ROW EXECUTE FUNCTION grading_refuse_change();
CREATE TRIGGER criterion_not_added_in_use BEFORE INSERT ON criterion
    FOR EACH ROW EXECUTE FUNCTION grading_keep_rubric();
CREATE TRIGGER level_not_added_in_use BEFORE INSERT ON level
    FOR EACH ROW EXECUTE FUNCTION grading_keep_rubric();
CREATE TRIGGER review_is_fixed BEFORE UPDATE ON review
    FOR EACH ROW EXECUTE FUNCTION grading_refuse_change();
CREATE TRIGGER tick_is_fixed BEFORE UPDATE ON tick
    FOR EACH ROW EXECUTE FUNCTION grading_refuse_change();
CREATE TRIGGER regrade_request_is_fixed BEFORE UPDATE ON regrade_request
    FOR EACH ROW WHEN (OLD.state = 'answered') EXECUTE FUNCTION grading_refuse_change();
"""
