"""The ledger of the advice given: one row for each card that reached Slack."""

from __future__ import annotations

from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create the table `advice_given` and its index: by VM, the newest row first."""
    op.execute(
        """
        CREATE TABLE advice_given (
            id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            given_at        timestamptz NOT NULL DEFAULT now(),
            vm_id           text NOT NULL CHECK (vm_id <> '' AND vm_id = lower(vm_id)),
            currency        text NOT NULL CHECK (currency <> ''),
            options         text[] NOT NULL,
            configuration   jsonb NOT NULL CHECK (jsonb_typeof(configuration) = 'object'),
            monthly_low     numeric,
            monthly_likely  numeric,
            monthly_high    numeric,
            missing         text[] NOT NULL,
            prices_as_of    text NOT NULL,
            asked_by_team   text NOT NULL,
            asked_by_user   text NOT NULL,
            channel         text NOT NULL,
            -- A price that is missing leaves a floor and nothing above it; no plan, no cost.
            CHECK (monthly_low <= monthly_likely AND monthly_likely <= monthly_high
                   OR monthly_likely IS NULL AND monthly_high IS NULL),
            CHECK (missing = '{}' OR monthly_likely IS NULL),
            CHECK ((options = '{}') = (monthly_low IS NULL))
        )
        """
    )
    op.execute("CREATE INDEX advice_given_by_vm ON advice_given (vm_id, given_at DESC)")
