CREATE OR REPLACE TRIGGER hist_insert AFTER INSERT ON @tenant@.@table@
    REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION @tenant@.hist_capture_insert();
CREATE OR REPLACE TRIGGER hist_update AFTER UPDATE ON @tenant@.@table@
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION @tenant@.hist_capture_update();
CREATE OR REPLACE TRIGGER hist_delete AFTER DELETE ON @tenant@.@table@
    REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION @tenant@.hist_capture_delete();
CREATE OR REPLACE TRIGGER hist_no_truncate BEFORE TRUNCATE ON @tenant@.@table@
    FOR EACH STATEMENT EXECUTE FUNCTION history.refuse();
CREATE OR REPLACE TRIGGER hist_same_id BEFORE UPDATE OF id ON @tenant@.@table@
    FOR EACH ROW WHEN (OLD.id IS DISTINCT FROM NEW.id) EXECUTE FUNCTION history.refuse();
