"""What a delivery from Slack passes before it is stored: signature, command, button, form."""
