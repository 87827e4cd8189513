"""Runs revisions over the connection that ``cost_tracking.database`` hands in.

There is no ``alembic.ini`` and no address here: whoever opened the database has the connection,
its transaction and the lock that keeps a second process waiting.
"""

from alembic import context

from cost_tracking.schema import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
)
context.run_migrations()
