"""Leases: one worker at a time, compared with every write, kept while a worker waits."""

from __future__ import annotations

from tests.mutants.mutant import Mutant

LEASES, CHANGES = "bot/database/leases.py", "bot/database/changes.py"
STORE, FLOW = "tests/database/test_store_leases.py", "tests/workflow/test_workflow_"

ROWS = (
    Mutant(
        name="a move does not compare the token of the lease",
        file=CHANGES,
        old='return bool(row["is_leased"] and row["lease_token"] == token)',
        new='return bool(row["is_leased"])',
        tests=(f"{STORE}::test_a_sleeper_writes_no_step",),
        asks_chaos=True,
    ),
    Mutant(
        name="a lease that ran out still writes",
        file=CHANGES,
        old='return bool(row["is_leased"] and row["lease_token"] == token)',
        new='return bool(row["lease_token"] == token)',
        tests=(
            f"{STORE}::test_a_lease_that_ran_out_cannot_be_renewed_or_used_even_if_nobody_took_it",
        ),
        asks_chaos=True,
    ),
    Mutant(
        name="a lease that ran out is renewed",
        file=LEASES,
        old="lease_token = %(token)s AND lease_until > vmbackup_now()\n",
        new="lease_token = %(token)s\n",
        tests=(
            f"{STORE}::test_a_lease_that_ran_out_cannot_be_renewed_or_used_even_if_nobody_took_it",
        ),
        asks_chaos=True,
    ),
    Mutant(
        name="nobody takes over a lease that ran out",
        file=LEASES,
        old="""\
        lease_token IS NULL AND next_at <= vmbackup_now()
        OR lease_until <= vmbackup_now())""",
        new="        lease_token IS NULL AND next_at <= vmbackup_now())",
        tests=(f"{STORE}::test_a_lease_that_ran_out_is_anybodys_and_its_holder_knows",),
        asks_chaos=True,
    ),
    Mutant(
        name="a second worker takes what another has",
        file=LEASES,
        old="        lease_token IS NULL AND next_at <= vmbackup_now()\n",
        new="        next_at <= vmbackup_now()\n",
        tests=(
            f"{STORE}::test_of_many_workers_one_takes_it",
            f"{STORE}::test_what_asks_for_it_while_it_is_held_is_not_lost",
        ),
        asks_chaos=True,
    ),
    Mutant(
        name="a request is taken before the wait that Azure named is over",
        file=LEASES,
        old="    AND (not_before IS NULL OR not_before <= vmbackup_now())\n",
        new="",
        tests=(f"{STORE}::test_nobody_takes_it_before_the_wait_that_was_named_is_over",),
        asks_chaos=True,
    ),
    Mutant(
        name="what asks for a request while it is leased is lost with the release",
        file=LEASES,
        old="next_at = least(next_at, vmbackup_now() + %(again_in)s::interval)",
        new="next_at = vmbackup_now() + %(again_in)s::interval",
        tests=(f"{STORE}::test_what_asks_for_it_while_it_is_held_is_not_lost",),
        asks_chaos=True,
    ),
    Mutant(
        name="the lease is renewed too late, while a handler waits",
        file="bot/workflow/lease.py",
        old="await asyncio.sleep(self._seconds / _RENEWALS_PER_LEASE)",
        new="await asyncio.sleep(self._seconds * _RENEWALS_PER_LEASE)",
        tests=(f"{FLOW}waits.py::test_a_handler_that_takes_longer_than_a_lease_keeps_the_lease",),
        asks_chaos=True,
    ),
    Mutant(
        name="a bot that may not act any more holds its leases",
        file="bot/workflow/lease.py",
        old="        if not self._may_act():\n            raise LeaseLost(self.request_id)\n",
        new="",
        tests=(f"{FLOW}lease.py",),
    ),
    Mutant(
        name="a move of another revision is written",
        file=CHANGES,
        old='(row["state"], row["revision"]) != (request.state.value, request.revision)',
        new='row["state"] != request.state.value',
        tests=("tests/database/test_store_moves.py::test_a_move_from_another_revision_is_lost",),
    ),
    Mutant(
        name="of two changes without a move from one reading the second overwrites the first",
        file=CHANGES,
        old='if change.to is None and row["version"] != request.version:',
        new='if change.to is None and row["version"] < request.version:',
        tests=(
            "tests/database/test_store_moves.py::test_a_change_without_a_move_wants_the_very_version",
        ),
    ),
)
