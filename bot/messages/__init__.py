"""What the bot says: values in, Slack messages out; pure, and always within Slack's limits."""
