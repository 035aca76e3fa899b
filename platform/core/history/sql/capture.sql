-- Generated for one workspace (capture.py puts its schema's name in place of the mark), run by the
-- migrator. These bodies must name the schema: replayed from the template they would write into the
-- template's tables, and unqualified into whatever the session's search_path says.
--
-- One function per kind of statement: PL/pgSQL compiles a function per trigger and connection, so a
-- small body per kind keeps a connection that visits many tables small.

GRANT USAGE, CREATE ON SCHEMA @tenant@ TO history_owner;
GRANT SELECT, INSERT ON @tenant@.hist_tx, @tenant@.hist_change TO history_owner;

-- Opens the entry of hist_tx for the transaction and context at hand; returns its id. A context that
-- was used before in another transaction counts as none: the entry is unsigned and has no actor.
CREATE OR REPLACE FUNCTION @tenant@.hist_open_entry(signed text) RETURNS bigint
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $capture$
DECLARE
    fingerprint bytea := sha256(convert_to(signed, 'UTF8'));
    claims jsonb;
    entry bigint;
BEGIN
    IF signed <> '' AND NOT EXISTS (SELECT FROM @tenant@.hist_tx WHERE context = fingerprint AND verified) THEN
        claims := history.claims(signed, '@tenant@');
    END IF;
    INSERT INTO @tenant@.hist_tx
        (xid, epoch, at, db_user, context, verified, actor, behalf, via, ref, batch, undo_of, label)
    SELECT pg_current_xact_id(), s.epoch, now(), session_user, fingerprint, claims IS NOT NULL,
        (claims ->> 'actor')::uuid, (claims ->> 'behalf')::uuid,
        coalesce(claims ->> 'via', 'unsigned'), coalesce(claims ->> 'ref', ''),
        (claims ->> 'batch')::uuid, (claims ->> 'undo_of')::uuid, coalesce(claims ->> 'label', '')
    FROM history.secret s
    RETURNING id INTO STRICT entry;
    RETURN entry;
END
$capture$;

CREATE OR REPLACE FUNCTION @tenant@.hist_capture_insert() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET timezone = 'UTC' SET datestyle = 'ISO' SET intervalstyle = 'iso_8601'
SET bytea_output = 'hex' SET extra_float_digits = 1
AS $capture$
DECLARE
    signed text := coalesce(current_setting('history.context', true), '');
    entry bigint;
BEGIN
    IF NOT EXISTS (SELECT FROM new_rows) THEN
        RETURN NULL;
    END IF;
    SELECT id INTO entry FROM @tenant@.hist_tx
    WHERE xid = pg_current_xact_id() AND at = now() AND context = sha256(convert_to(signed, 'UTF8'));
    IF entry IS NULL THEN
        entry := @tenant@.hist_open_entry(signed);
    END IF;
    INSERT INTO @tenant@.hist_change (tx, relation, record_id, op, new)
    SELECT entry, TG_TABLE_NAME, r.id, 'I',
        CASE WHEN i.image -> 'custom' <> '{}' THEN history.flat(i.image) ELSE i.image - 'custom' END
    FROM new_rows r CROSS JOIN LATERAL (SELECT to_jsonb(r) - '@unrecorded@'::text[] AS image OFFSET 0) i;
    RETURN NULL;
END
$capture$;

CREATE OR REPLACE FUNCTION @tenant@.hist_capture_delete() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET timezone = 'UTC' SET datestyle = 'ISO' SET intervalstyle = 'iso_8601'
SET bytea_output = 'hex' SET extra_float_digits = 1
AS $capture$
DECLARE
    signed text := coalesce(current_setting('history.context', true), '');
    entry bigint;
BEGIN
    IF NOT EXISTS (SELECT FROM old_rows) THEN
        RETURN NULL;
    END IF;
    SELECT id INTO entry FROM @tenant@.hist_tx
    WHERE xid = pg_current_xact_id() AND at = now() AND context = sha256(convert_to(signed, 'UTF8'));
    IF entry IS NULL THEN
        entry := @tenant@.hist_open_entry(signed);
    END IF;
    INSERT INTO @tenant@.hist_change (tx, relation, record_id, op, old)
    SELECT entry, TG_TABLE_NAME, r.id, 'D',
        CASE WHEN i.image -> 'custom' <> '{}' THEN history.flat(i.image) ELSE i.image - 'custom' END
    FROM old_rows r CROSS JOIN LATERAL (SELECT to_jsonb(r) - '@unrecorded@'::text[] AS image OFFSET 0) i;
    RETURN NULL;
END
$capture$;

-- Up to 20 rows go through one static plan that compares the rows key by key; more rows through a
-- statement built from the catalog (planning it costs more than 20 rows do).
CREATE OR REPLACE FUNCTION @tenant@.hist_capture_update() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET timezone = 'UTC' SET datestyle = 'ISO' SET intervalstyle = 'iso_8601'
SET bytea_output = 'hex' SET extra_float_digits = 1
AS $capture$
DECLARE
    signed text := coalesce(current_setting('history.context', true), '');
    entry bigint;
    few integer := (SELECT count(*) FROM (SELECT FROM new_rows LIMIT 21) q);
BEGIN
    IF few = 0 THEN
        RETURN NULL;
    END IF;
    SELECT id INTO entry FROM @tenant@.hist_tx
    WHERE xid = pg_current_xact_id() AND at = now() AND context = sha256(convert_to(signed, 'UTF8'));
    IF entry IS NULL THEN
        entry := @tenant@.hist_open_entry(signed);
    END IF;
    IF few <= 20 THEN
        INSERT INTO @tenant@.hist_change (tx, relation, record_id, op, old, new)
        SELECT entry, TG_TABLE_NAME, o.id, 'U', d.old, d.new
        FROM old_rows o JOIN new_rows n USING (id)
        CROSS JOIN LATERAL (
            SELECT jsonb_object_agg(key, coalesce(b.value, 'null')) AS old,
                jsonb_object_agg(key, coalesce(a.value, 'null')) AS new
            FROM jsonb_each(history.flat(to_jsonb(o))) b FULL JOIN jsonb_each(history.flat(to_jsonb(n))) a USING (key)
            WHERE b.value::text IS DISTINCT FROM a.value::text AND key <> ALL ('@unrecorded@'::text[])
        ) d
        WHERE o *<> n AND d.old IS NOT NULL;
    ELSE
        EXECUTE history.bulk_update_sql(TG_RELID, '@tenant@', '@unrecorded@') USING entry, TG_TABLE_NAME;
    END IF;
    RETURN NULL;
END
$capture$;

ALTER FUNCTION @tenant@.hist_open_entry(text) OWNER TO history_owner;
ALTER FUNCTION @tenant@.hist_capture_insert() OWNER TO history_owner;
ALTER FUNCTION @tenant@.hist_capture_delete() OWNER TO history_owner;
ALTER FUNCTION @tenant@.hist_capture_update() OWNER TO history_owner;
REVOKE ALL ON FUNCTION @tenant@.hist_open_entry(text), @tenant@.hist_capture_insert(),
    @tenant@.hist_capture_delete(), @tenant@.hist_capture_update() FROM PUBLIC;
REVOKE CREATE ON SCHEMA @tenant@ FROM history_owner;
