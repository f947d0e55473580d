"""The schema's history, run by Alembic; `bot.database.migrating` starts it."""
