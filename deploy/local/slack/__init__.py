"""Slack on loopback: Web API, Socket Mode, signed HTTP and a page to type commands in."""
