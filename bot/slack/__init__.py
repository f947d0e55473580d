"""Slack's Web API as requests need it: people, channels, and the messages that are sent."""
