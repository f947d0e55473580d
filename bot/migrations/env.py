"""Alembic's environment: runs the migrations on the caller's connection, in its transaction."""

from __future__ import annotations

from alembic import context


def run() -> None:
    """Apply the migrations that are missing."""
    attributes = context.config.attributes
    context.configure(
        connection=attributes["connection"], version_table=attributes["version_table"]
    )
    context.run_migrations()


if __name__ == "env_py":  # the name under which Alembic runs this file
    run()
