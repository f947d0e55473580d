"""Requests and what belongs to them: approvals, clicks, steps, points, money, messages."""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"

_REQUESTS = """
    CREATE TABLE requests (
        id              text PRIMARY KEY CHECK (id ~ '^r-[0-9a-f]{12}$'),
        -- The same words of the same person are the same request, until this is forgotten.
        content_key     text UNIQUE,
        action          text NOT NULL
                        CHECK (action IN ('snapshot', 'restore', 'copy', 'extend', 'delete')),
        state           text NOT NULL
                        CHECK (state IN ('planning', 'waiting', 'approved', 'running', 'half done',
                                         'done', 'cleaned up', 'failed', 'refused', 'denied',
                                         'cancelled', 'lapsed')),
        revision        int NOT NULL DEFAULT 1 CHECK (revision >= 1),
        version         int NOT NULL DEFAULT 1 CHECK (version >= 1),
        wish            jsonb NOT NULL,
        of_request      text NOT NULL DEFAULT '',
        asker_team      text NOT NULL,
        asker_user      text NOT NULL,
        asker_name      text NOT NULL,
        asker_channel   text NOT NULL,
        plan            jsonb,
        vm_key          text CHECK (vm_key <> '' AND vm_key = lower(vm_key)),
        -- What it is about: the VM's id in lower case, or the request whose points they are.
        subject         text CHECK (subject <> ''),
        channel_id      text NOT NULL DEFAULT '',
        asked_at        timestamptz NOT NULL DEFAULT now(),
        decide_by       timestamptz,
        approved_at     timestamptz,
        begin_by        timestamptz,
        finished_at     timestamptz,
        expires_at      timestamptz,
        reminded_at     timestamptz,
        why             text NOT NULL DEFAULT '',
        cancel_asked_by text NOT NULL DEFAULT '',
        button          text NOT NULL DEFAULT '',
        attempts        int NOT NULL DEFAULT 0 CHECK (attempts >= 0),
        broke_glass_at  timestamptz,
        look_by         timestamptz,
        looked_by       text NOT NULL DEFAULT '',
        escalated_at    timestamptz,
        -- Whoever has the lease works on it; `next_at` is when somebody should.
        lease_token     text CHECK (lease_token <> ''),
        lease_until     timestamptz,
        next_at         timestamptz DEFAULT now(),
        -- Azure or Slack asked to be left alone until then: nobody takes it before.
        not_before      timestamptz,
        UNIQUE (id, asker_user),
        CHECK ((lease_token IS NULL) = (lease_until IS NULL)),
        CHECK (state IN ('planning', 'waiting', 'approved', 'running')
               OR lease_token IS NULL AND next_at IS NULL),
        CHECK ((plan IS NULL) = (subject IS NULL)),
        CHECK (plan IS NOT NULL
               OR state NOT IN ('waiting', 'approved', 'running', 'half done', 'done')),
        CHECK (approved_at IS NOT NULL
               OR state NOT IN ('approved', 'running', 'half done', 'done', 'cleaned up')),
        CHECK ((finished_at IS NOT NULL) = (state IN (
            'done', 'cleaned up', 'failed', 'refused', 'denied', 'cancelled', 'lapsed')))
    )
"""
#: The states of bot.requests.states.LIVE.
_ONE_LIVE_REQUEST = """
    CREATE UNIQUE INDEX requests_one_live ON requests (subject, action)
        WHERE state IN ('planning', 'waiting', 'approved', 'running', 'half done')
"""
#: The states of bot.requests.states.WORKED.
_TO_BE_WORKED_ON = """
    CREATE INDEX requests_due ON requests (next_at, lease_until)
        WHERE state IN ('planning', 'waiting', 'approved', 'running')
"""
_BUTTONS = """
    CREATE TABLE buttons (
        button      text PRIMARY KEY CHECK (button <> ''),
        request_id  text NOT NULL REFERENCES requests (id),
        revision    int NOT NULL
    )
"""
#: The requester is in the row, so that the database itself refuses the requester's own approval.
_APPROVALS = """
    CREATE TABLE approvals (
        request_id  text NOT NULL,
        revision    int NOT NULL,
        user_id     text NOT NULL CHECK (user_id <> ''),
        user_name   text NOT NULL,
        asker_user  text NOT NULL CHECK (asker_user <> user_id),
        plan_hash   text NOT NULL CHECK (plan_hash <> ''),
        why_allowed text NOT NULL,
        at          timestamptz NOT NULL,
        PRIMARY KEY (request_id, revision, user_id),
        FOREIGN KEY (request_id, asker_user) REFERENCES requests (id, asker_user)
    )
"""
_CLICKS = """
    CREATE TABLE clicks (
        id          text PRIMARY KEY CHECK (id <> ''),
        kind        text NOT NULL,
        button      text NOT NULL,
        team_id     text NOT NULL,
        user_id     text NOT NULL,
        user_name   text NOT NULL,
        channel_id  text NOT NULL,
        message_ts  text NOT NULL,
        text        text NOT NULL,
        pressed_at  timestamptz NOT NULL DEFAULT now(),
        answered_at timestamptz
    )
"""
_STEPS = """
    CREATE TABLE steps (
        request_id   text NOT NULL REFERENCES requests (id),
        number       int NOT NULL,
        verb         text NOT NULL CHECK (verb <> ''),
        target_id    text NOT NULL CHECK (target_id <> ''),
        body         jsonb NOT NULL,
        what         text NOT NULL,
        after        int,
        state        text NOT NULL CHECK (state IN ('todo', 'sent', 'there', 'refused', 'undone')),
        percent      int CHECK (percent BETWEEN 0 AND 100),
        why          text NOT NULL,
        disk_id      text NOT NULL,
        attempts     int NOT NULL CHECK (attempts >= 0),
        unique_id    text NOT NULL,
        time_created text NOT NULL,
        PRIMARY KEY (request_id, number)
    )
"""
_POINTS = """
    CREATE TABLE points (
        arm_key      text PRIMARY KEY CHECK (arm_key <> '' AND arm_key = lower(arm_key)),
        arm_id       text NOT NULL CHECK (lower(arm_id) = arm_key),
        kind         text NOT NULL CHECK (kind IN ('snapshot', 'restore point', 'disk')),
        request_id   text NOT NULL REFERENCES requests (id),
        vm_id        text NOT NULL,
        vm_name      text NOT NULL,
        disk_id      text NOT NULL,
        disk_name    text NOT NULL,
        size_gib     int NOT NULL CHECK (size_gib >= 0),
        region       text NOT NULL,
        unique_id    text NOT NULL,
        time_created text NOT NULL,
        made_at      timestamptz NOT NULL,
        expires_at   timestamptz,
        plan_hash    text NOT NULL,
        asker_id     text NOT NULL,
        approver_ids text[] NOT NULL,
        cost_low     numeric,
        cost_likely  numeric,
        cost_high    numeric,
        currency     text NOT NULL,
        deleted_at   timestamptz,
        CHECK ((cost_low IS NULL) = (cost_likely IS NULL)
               AND (cost_low IS NULL) = (cost_high IS NULL))
    )
"""
_RESERVATIONS = """
    CREATE TABLE reservations (
        request_id    text PRIMARY KEY REFERENCES requests (id),
        team          text NOT NULL CHECK (team <> ''),
        month         text NOT NULL CHECK (month ~ '^[0-9]{4}-(0[1-9]|1[0-2])$'),
        currency      text NOT NULL CHECK (currency <> ''),
        amount        numeric NOT NULL CHECK (amount >= 0),
        reserved_at   timestamptz NOT NULL DEFAULT now(),
        given_back_at timestamptz
    )
"""
#: A card is edited in place: it is due while it shows an older version than the wanted one. A
#: message posted before `from_version` is an earlier card.
_MESSAGES = """
    CREATE TABLE messages (
        id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        request_id    text REFERENCES requests (id),
        key           text NOT NULL CHECK (key <> ''),
        kind          text NOT NULL CHECK (kind IN ('card', 'thread', 'whisper', 'direct')),
        channel_id    text NOT NULL CHECK (channel_id <> ''),
        user_id       text NOT NULL,
        message       jsonb,
        ts            text NOT NULL DEFAULT '',
        shown_version  int NOT NULL DEFAULT 0,
        wanted_version int NOT NULL DEFAULT 0,
        from_version   int NOT NULL DEFAULT 0,
        not_before    timestamptz NOT NULL DEFAULT now(),
        sent_at       timestamptz,
        given_up_at   timestamptz,
        attempts      int NOT NULL DEFAULT 0,
        why           text NOT NULL DEFAULT '',
        CHECK ((kind = 'card') = (message IS NULL)),
        CHECK (kind NOT IN ('card', 'thread') OR request_id IS NOT NULL)
    )
"""
_CHANNELS = """
    CREATE TABLE channels (
        channel_id  text PRIMARY KEY CHECK (channel_id <> ''),
        lease_token text,
        lease_until timestamptz,
        lease_time  interval,
        next_at     timestamptz NOT NULL DEFAULT '-infinity'
    )
"""
_INDEXES = (
    "CREATE INDEX requests_by_time ON requests (asked_at DESC)",
    "CREATE INDEX requests_of_request ON requests (of_request) WHERE of_request <> ''",
    "CREATE INDEX requests_broken_glass ON requests (asker_user, broke_glass_at)"
    " WHERE broke_glass_at IS NOT NULL",
    "CREATE INDEX requests_to_look_at ON requests (look_by)"
    " WHERE looked_by = '' AND escalated_at IS NULL",
    "CREATE INDEX buttons_of_request ON buttons (request_id)",
    "CREATE INDEX clicks_unanswered ON clicks (pressed_at) WHERE answered_at IS NULL",
    "CREATE INDEX points_of_request ON points (request_id)",
    "CREATE INDEX points_of_vm ON points (lower(vm_id))",
    "CREATE INDEX points_by_end ON points (expires_at) WHERE deleted_at IS NULL",
    "CREATE INDEX reservations_of_month ON reservations (team, month) WHERE given_back_at IS NULL",
    "CREATE UNIQUE INDEX messages_once ON messages (coalesce(request_id, ''), key)",
    "CREATE INDEX messages_to_send ON messages (channel_id, id)"
    " WHERE sent_at IS NULL AND given_up_at IS NULL"
    " AND (kind <> 'card' OR shown_version < wanted_version)",
    "CREATE UNIQUE INDEX messages_card ON messages (request_id) WHERE kind = 'card'",
)
#: Every change of a request makes its card due.
_CARD_IS_DUE = """
    CREATE FUNCTION card_is_due() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        UPDATE messages SET wanted_version = NEW.version
        WHERE request_id = NEW.id AND kind = 'card';
        RETURN NULL;
    END $$
"""
_WHENEVER = """
    CREATE TRIGGER card_is_due AFTER UPDATE ON requests FOR EACH ROW
    WHEN (NEW.version > OLD.version) EXECUTE FUNCTION card_is_due()
"""


def upgrade() -> None:
    """Create the tables of requests, and the index that allows one live request only."""
    tables = (_REQUESTS, _BUTTONS, _APPROVALS, _CLICKS, _STEPS, _POINTS, _RESERVATIONS)
    indexes = (_ONE_LIVE_REQUEST, _TO_BE_WORKED_ON, *_INDEXES)
    for statement in (*tables, _MESSAGES, _CHANNELS, *indexes, _CARD_IS_DUE, _WHENEVER):
        op.get_bind().exec_driver_sql(statement)
