"""Which versions of the bot may start on a schema that is newer than theirs.

While a new version is rolled out, the old one runs beside it and may be started again; where the
new one is taken back, the old one starts on the schema that the new one has made. So migrations add
and never take away what the release before needs. A schema says itself, in the comment of the table
with its version, the oldest schema whose bots live with it: the old bot cannot know.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlalchemy import Connection

#: The schema of the release before this one; the newest one until there is a release. One version
#: back is what is supported, and a test plays it (tests/rolling).
LIVES_WITH = "0016"
SAYS = "bots live with it from schema "

#: The comment, and whether this user may write it.
_READ = """
    SELECT coalesce(obj_description(oid, 'pg_class'), ''), pg_has_role(relowner, 'USAGE')
    FROM pg_class WHERE oid = to_regclass(%s)
"""


def note(connection: Connection, table: str) -> None:
    """Write into the schema of this version which bots live with it."""
    said, may_write = _said(connection, table)
    if may_write and said != SAYS + LIVES_WITH:
        connection.exec_driver_sql(f"COMMENT ON TABLE {table} IS '{SAYS}{LIVES_WITH}'")


def lives_with(comment: str, newest_known: str) -> bool:
    """Whether a bot whose newest schema is `newest_known` lives with a newer one's comment."""
    oldest = comment.removeprefix(SAYS)
    return comment.startswith(SAYS) and oldest.isdigit() and newest_known >= oldest


def may_start(connection: Connection, table: str, newest_known: str) -> bool:
    """The same of the schema that is there."""
    return lives_with(_said(connection, table)[0], newest_known)


def _said(connection: Connection, table: str) -> tuple[str, bool]:
    row = connection.exec_driver_sql(_READ, (table,)).first()
    return (str(row[0]), bool(row[1])) if row else ("", False)
