"""How vmbackup runs: on this machine alone (local), in Slack (slack)."""
