"""What Alembic runs: the migrations, on the connection and in the transaction it is handed."""

from __future__ import annotations

from alembic import context


def run() -> None:
    """Apply what is missing."""
    attributes = context.config.attributes
    context.configure(
        connection=attributes["connection"], version_table=attributes["version_table"]
    )
    context.run_migrations()


if __name__ == "env_py":  # the name under which Alembic runs this file
    run()
