-- Once per installation, as a superuser: the role that owns what was recorded, and its secret.
-- Nobody logs in as history_owner. The migrator is a member, because it makes the capture
-- functions of each workspace and hands them over to this role. Safe to run again.

DO $body$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'history_owner') THEN
        CREATE ROLE history_owner NOLOGIN;
    END IF;
END
$body$;

GRANT history_owner TO @migrator@ WITH INHERIT TRUE, SET TRUE;
REVOKE history_owner FROM @web@;

CREATE SCHEMA IF NOT EXISTS history AUTHORIZATION history_owner;
GRANT USAGE ON SCHEMA history TO PUBLIC;

-- The two padded halves of the HMAC key (RFC 2104), so that sha256 alone can check a signature:
-- the embedded server has no pgcrypto. epoch: raise it by one after a dump and restore, because
-- transaction ids begin anew there.
CREATE TABLE IF NOT EXISTS history.secret (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    inner_pad bytea NOT NULL,
    outer_pad bytea NOT NULL,
    epoch smallint NOT NULL DEFAULT 0
);
ALTER TABLE history.secret OWNER TO history_owner;
REVOKE ALL ON history.secret FROM PUBLIC;
