"""What a role of Postgres needs to run campaigns: to add to the books, and never to change them."""

import re

from cost_tracking.schema import APPEND_ONLY, METADATA

_ROLE = re.compile(r"[a-z_][a-z0-9_]{0,62}", re.ASCII)


def grants_for(role: str) -> str:
    """Return the SQL that the owner of the tables runs once, and again after each upgrade.

    The role may read everything, add to every table, and change those that hold a state (attempts,
    budgets, runs). It may delete nothing, and neither change nor empty what is append-only; not
    being the owner, it can drop no trigger.

    Args:
        role: Its name; it is there and may connect.

    Raises:
        ValueError: It is no plain name of a role.

    """
    if not _ROLE.fullmatch(role):
        raise ValueError(f"{role!r} is no plain name of a role; use a-z, 0-9 and _")
    tables = sorted(METADATA.tables)
    changing = sorted(set(tables) - set(APPEND_ONLY))
    return "\n".join(
        (
            f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {role};",
            f"GRANT USAGE ON SCHEMA public TO {role};",
            f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {role};",
            f"GRANT SELECT ON alembic_version TO {role};",
            f"GRANT SELECT, INSERT ON {', '.join(tables)} TO {role};",
            f"GRANT UPDATE ON {', '.join(changing)} TO {role};",
        )
    )
