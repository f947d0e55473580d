"""Files that are sent in Slack: to whom, and by which address."""

from __future__ import annotations

from tests.mutants.mutant import Mutant

SENT = "tests/slack/test_bot_slack_files.py"

ROWS = (
    Mutant(
        name="the bytes of a file go to whichever host an answer names",
        file="bot/slack/addresses.py",
        old='and host == f"{service}.{api_host}" and port in (None, 443)',
        new="",
        tests=(f"{SENT}::test_bytes_go_to_slacks_own_host_alone",),
    ),
    Mutant(
        name="a file whose share may have arrived is said not to have arrived",
        file="bot/slack/files.py",
        old='UNKNOWN:\n        return "Slack did not',
        new='THROTTLED:\n        return "Slack did not',
        tests=(f"{SENT}::test_a_lost_answer_to_the_share_is_doubt_and_no_second_file",),
    ),
)
