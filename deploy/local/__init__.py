"""Stand-ins for the two services that need accounts, on loopback: Azure and Slack."""
