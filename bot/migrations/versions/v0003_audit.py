"""The audit: rows that are only added, each with the hash of the row before."""

from __future__ import annotations

from alembic import op

revision = "0003"
down_revision = "0002"

_AUDIT = """
    CREATE TABLE audit (
        seq         bigint PRIMARY KEY CHECK (seq >= 1),
        at          timestamptz NOT NULL,
        request_id  text NOT NULL,
        kind        text NOT NULL CHECK (kind <> ''),
        who         text NOT NULL,
        detail      jsonb NOT NULL CHECK (jsonb_typeof(detail) = 'object'),
        previous    text NOT NULL,
        hash        text NOT NULL UNIQUE CHECK (hash ~ '^[0-9a-f]{64}$')
    )
"""
#: One row, locked by each transaction that adds rows: the audit has one order.
_HEAD = """
    CREATE TABLE audit_head (
        one         boolean PRIMARY KEY DEFAULT true CHECK (one),
        seq         bigint NOT NULL CHECK (seq >= 0),
        hash        text NOT NULL
    )
"""
_FIRST_HEAD = "INSERT INTO audit_head (seq, hash) VALUES (0, repeat('0', 64))"
_REFUSE = """
    CREATE FUNCTION audit_stays() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'the audit is only ever added to (% refused)', TG_OP
            USING ERRCODE = 'insufficient_privilege';
    END $$
"""
_HEAD_GOES_ON = """
    CREATE FUNCTION audit_head_goes_on() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP <> 'UPDATE' OR NEW.seq <= OLD.seq THEN
            RAISE EXCEPTION 'the head of the audit only ever goes on (% refused)', TG_OP
                USING ERRCODE = 'insufficient_privilege';
        END IF;
        RETURN NEW;
    END $$
"""
_TRIGGERS = (
    "CREATE TRIGGER audit_stays BEFORE UPDATE OR DELETE ON audit"
    " FOR EACH ROW EXECUTE FUNCTION audit_stays()",
    "CREATE TRIGGER audit_stays_whole BEFORE TRUNCATE ON audit"
    " FOR EACH STATEMENT EXECUTE FUNCTION audit_stays()",
    "CREATE TRIGGER audit_head_goes_on BEFORE INSERT OR UPDATE OR DELETE ON audit_head"
    " FOR EACH ROW EXECUTE FUNCTION audit_head_goes_on()",
    "CREATE TRIGGER audit_head_stays BEFORE TRUNCATE ON audit_head"
    " FOR EACH STATEMENT EXECUTE FUNCTION audit_stays()",
)


def upgrade() -> None:
    """Create the audit and its head; no user can change or remove a row, not even the owner."""
    by_request = "CREATE INDEX audit_of_request ON audit (request_id, seq)"
    made = (_AUDIT, by_request, _HEAD, _FIRST_HEAD, _REFUSE, _HEAD_GOES_ON, *_TRIGGERS)
    driver = op.get_bind().connection.driver_connection
    assert driver is not None  # there is a connection: offline migrations are not offered
    for statement in made:
        driver.execute(statement)  # a % of plpgsql is no parameter
