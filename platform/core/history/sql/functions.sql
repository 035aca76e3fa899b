-- The part of history that all workspaces share. Run as history_owner; safe to run again.
-- Nothing here names a tenant: what must name one is generated per tenant from capture.sql.

CREATE OR REPLACE FUNCTION history.signature(message text) RETURNS bytea
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $body$
    SELECT sha256(s.outer_pad || sha256(s.inner_pad || convert_to(message, 'UTF8')))
    FROM history.secret s
$body$;
REVOKE ALL ON FUNCTION history.signature(text) FROM PUBLIC;


-- The claims of a context, when it is genuine, meant for this workspace and not expired; else NULL.
-- context: 64 hexadecimal digits of HMAC, then the JSON that they sign.
CREATE OR REPLACE FUNCTION history.claims(context text, tenant text) RETURNS jsonb
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $body$
DECLARE
    signed text := substr(context, 65);
    claims jsonb;
BEGIN
    -- Parsed only once it is known to be ours: what anyone may set must not raise an error here.
    IF context !~ '^[0-9a-f]{64}\{' OR history.signature(signed) <> decode(left(context, 64), 'hex') THEN
        RETURN NULL;
    END IF;
    claims := signed::jsonb;
    IF claims ->> 'schema' <> tenant OR to_timestamp((claims ->> 'expires')::float8) < now() THEN
        RETURN NULL;
    END IF;
    RETURN claims;
END
$body$;
REVOKE ALL ON FUNCTION history.claims(text, text) FROM PUBLIC;

DROP FUNCTION IF EXISTS history.open_entry(text, text);


-- Images hold each value of a `custom` column (core.records.custom) under a name of its own, so that one field's
-- change is recorded, shown and taken back without the others'. flat makes such an image of a row, nested the other
-- way round; laid puts what an image says over a column as it is, where null takes a value out.
CREATE OR REPLACE FUNCTION history.flat(image jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $body$
    SELECT CASE WHEN jsonb_typeof(image -> 'custom') = 'object' THEN image - 'custom' || coalesce(
        (SELECT jsonb_object_agg('custom__' || key, value) FROM jsonb_each(image -> 'custom')), '{}') ELSE image END
$body$;

CREATE OR REPLACE FUNCTION history.laid(stored jsonb, image jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $body$
    SELECT coalesce(jsonb_object_agg(key, value), '{}')
    FROM jsonb_each(stored || coalesce((
        SELECT jsonb_object_agg(substr(key, 9), value) FROM jsonb_each(image) WHERE starts_with(key, 'custom__')
    ), '{}'))
    WHERE value <> 'null'
$body$;

CREATE OR REPLACE FUNCTION history.nested(image jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, history, pg_temp
AS $body$
    SELECT image || jsonb_build_object('custom', history.laid('{}', image))
$body$;

-- What of one `custom` column differs from the other, as the inner part of a JSON object; NULL when nothing does.
CREATE OR REPLACE FUNCTION history.differing(mine jsonb, other jsonb) RETURNS text
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $body$
    SELECT string_agg(to_json('custom__' || key)::text || ':' || coalesce(m.value, 'null')::text, ',')
    FROM jsonb_each(mine) m FULL JOIN jsonb_each(other) o USING (key)
    WHERE m.value::text IS DISTINCT FROM o.value::text
$body$;


-- The statement that records a large UPDATE: one expression per column, built from the catalog, so
-- that a column added by an upgrade is recorded without touching any function.
--
-- Images are compared, not values: 1.0 and 1.00 are equal for `=`, and so are two spellings for
-- citext; both must come back as they were. Plain types are cheaper to compare by value.
CREATE OR REPLACE FUNCTION history.bulk_update_sql(tracked oid, tenant text, unrecorded text[]) RETURNS text
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $body$
    WITH changed AS (
        SELECT attnum, attname, to_json(attname::text)::text || ':' AS key,
            CASE
                WHEN atttypid IN ('bool'::regtype, 'int2'::regtype, 'int4'::regtype, 'int8'::regtype,
                        'date'::regtype, 'timestamptz'::regtype, 'uuid'::regtype)
                    OR (atttypid IN ('text'::regtype, 'varchar'::regtype)
                        AND attcollation = '"default"'::regcollation)
                THEN format('o.%1$I IS DISTINCT FROM n.%1$I', attname)
                ELSE format('ROW(o.%1$I)::record *<> ROW(n.%1$I)::record', attname)
            END AS condition
        FROM pg_attribute
        WHERE attrelid = tracked AND attnum > 0 AND NOT attisdropped AND attgenerated = ''
            AND attname <> 'id' AND attname <> ALL (unrecorded)
    ),
    image AS (
        SELECT
            string_agg(CASE WHEN attname = 'custom' THEN 'history.differing(o.custom, n.custom)' ELSE
                format('CASE WHEN %s THEN %L || coalesce(to_json(o.%I)::text, ''null'') END',
                condition, key, attname) END, ', ' ORDER BY attnum) AS before,
            string_agg(CASE WHEN attname = 'custom' THEN 'history.differing(n.custom, o.custom)' ELSE
                format('CASE WHEN %s THEN %L || coalesce(to_json(n.%I)::text, ''null'') END',
                condition, key, attname) END, ', ' ORDER BY attnum) AS after
        FROM changed
    )
    SELECT format(
        'INSERT INTO %I.hist_change (tx, relation, record_id, op, old, new)
         SELECT $1, $2, id, ''U'', (''{'' || before || ''}'')::jsonb, (''{'' || after || ''}'')::jsonb
         FROM (SELECT o.id, array_to_string(ARRAY[%s]::text[], '','') AS before,
                 array_to_string(ARRAY[%s]::text[], '','') AS after
             FROM old_rows o JOIN new_rows n USING (id) WHERE o *<> n) images
         WHERE before <> ''''', tenant, before, after)
    FROM image
$body$;
REVOKE ALL ON FUNCTION history.bulk_update_sql(oid, text, text[]) FROM PUBLIC;


-- For what history could not follow.
CREATE OR REPLACE FUNCTION history.refuse() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $body$
BEGIN
    IF TG_OP = 'TRUNCATE' THEN
        RAISE EXCEPTION 'TRUNCATE of % is refused: history would not see the rows', TG_TABLE_NAME
            USING ERRCODE = 'object_not_in_prerequisite_state';
    END IF;
    RAISE EXCEPTION 'the id of a record in % never changes', TG_TABLE_NAME
        USING ERRCODE = 'object_not_in_prerequisite_state';
END
$body$;
REVOKE ALL ON FUNCTION history.refuse() FROM PUBLIC;


-- Folds the images of several changes of one record into one: a whole image replaces what was
-- gathered, a partial one (of an update) is laid over it. Order decides, so aggregate with ORDER BY:
-- old images from the last change to the first give the state before, new images from the first to
-- the last the state after.
CREATE OR REPLACE FUNCTION history.lay_over(gathered jsonb, image jsonb, whole boolean) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $body$
BEGIN
    RETURN CASE WHEN whole OR image IS NULL THEN image ELSE coalesce(gathered, '{}') || image END;
END
$body$;

CREATE OR REPLACE AGGREGATE history.fold(jsonb, boolean) (
    sfunc = history.lay_over,
    stype = jsonb,
    initcond = '{}'
);
