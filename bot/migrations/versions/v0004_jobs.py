"""The tables of procrastinate, which wakes the workers.

The tables are those of the installed version. A later version that changes them brings its own
statements (procrastinate's documentation, "Migrations"), which become another file here.
"""

from __future__ import annotations

from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Apply procrastinate's own schema, which can be applied only once."""
    from procrastinate.schema import SchemaManager

    driver = op.get_bind().connection.driver_connection
    assert driver is not None  # there is a connection: offline migrations are not offered
    driver.execute(SchemaManager.get_schema())
