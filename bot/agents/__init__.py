"""What an agent may ask over MCP: reading tools, each a command of the terminal."""
