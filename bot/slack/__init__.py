"""Slack's Web API as the requests need it: who somebody is, what a channel is, what is sent."""
