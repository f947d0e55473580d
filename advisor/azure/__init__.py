"""The only files that talk to Azure, and they only read."""
