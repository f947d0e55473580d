"""What a delivery from Slack passes before it is kept: signature, command, button, form."""
