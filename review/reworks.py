"""What is made again for those who rejected it, written down in the signed log of acts.

What is asked for is in the log before anybody is asked: a crash at any moment after that leads to
the same request, and so buys nothing twice. What came of it is in the log once.
"""

import json
from collections.abc import Callable, Iterable, Mapping

from sqlalchemy import Connection, Engine

from cost_tracking.database import lock, writing
from creative.amendment import Amendment, Rework, Reworked, amendments, prefixes, undone
from creative.value import canonical
from review.chain import Chain

Log = tuple[Amendment, ...]


class Reworks:
    """What is made again in one database.

    Args:
        engine: With its tables upgraded.
        chain: Of acts.

    """

    def __init__(self, engine: Engine, chain: Chain) -> None:
        self._engine = engine
        self._chain = chain

    def ask(self, campaign: str, wanted: Callable[[Log], Iterable[Rework]]) -> tuple[Rework, ...]:
        """Write down what is to be made again, and return all of it that is not done yet.

        Args:
            campaign: Its name.
            wanted: Says it from the log as it is, while nobody else writes it.

        """
        with writing(self._engine) as connection:
            log = self._log(connection, campaign)
            new = tuple(wanted(log))
            self._tell(connection, *new)
        return undone((*log, *new))

    def done(self, what: Reworked) -> None:
        """Write down what came of it; where another process was as quick, its word stands."""
        with writing(self._engine) as connection:
            log = self._log(connection, what.campaign)
            if what.id in {one.id for one in undone(log)}:
                self._tell(connection, what)

    def replaced(self, campaign: str, versions: Mapping[str, Mapping[str, str]]) -> None:
        """Write down which version took the place of which, once for each rework.

        Args:
            campaign: Its name.
            versions: By the rework's id, the names of the new versions by those of the rejected.

        """
        begin = f'{{"act":"replaced","asset":"{campaign}/'
        with writing(self._engine) as connection:
            lock(connection, f"kampanj/rework/{campaign}")
            told = {json.loads(one)["asset"] for one in self._chain.starting(connection, begin)}
            for name, pairs in versions.items():
                asset = f"{campaign}/rework/{name}"
                if asset not in told:
                    said = {"act": "replaced", "asset": asset, "versions": dict(pairs)}
                    self._chain.append(connection, [canonical(said).decode()])

    def _log(self, connection: Connection, campaign: str) -> Log:
        lock(connection, f"kampanj/rework/{campaign}")
        return amendments(self._chain.starting(connection, *prefixes(campaign)))

    def _tell(self, connection: Connection, *what: Amendment) -> None:
        self._chain.append(connection, [canonical(one.said()).decode() for one in what])
