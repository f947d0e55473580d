"""The messages of the bot: functions from values to Slack messages, pure and within its limits."""
