"""Which process holds an attempt, in a form that tells whether that process still lives."""

import os
import socket
from pathlib import Path

UNKNOWN = "0"


def this_process() -> str:
    """Return ``host:pid:start``; the start keeps a later process of the same number apart."""
    return process_named(os.getpid())


def process_named(pid: int) -> str:
    """Return the same of another process of this host."""
    return f"{socket.gethostname()}:{pid}:{_started(pid)}"


def is_dead(owner: str) -> bool:
    """Say whether an owner is known to be gone: of this host, and no such process lives.

    An owner on another host may be paying at this moment, so it is never called dead here: its
    lease has to end.
    """
    host, _, rest = owner.rpartition(":")[0].rpartition(":")
    started = owner.rpartition(":")[2]
    if host != socket.gethostname() or not rest.isdecimal():
        return False
    pid = int(rest)
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    now = _started(pid)
    return UNKNOWN not in (now, started) and now != started


def _started(pid: int) -> str:
    """Return when a process started, in ticks since boot, or ``UNKNOWN`` where none is told."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    except OSError:
        return UNKNOWN
    # The command's name, in parentheses, may hold spaces; field 22 is the start.
    return stat.rpartition(")")[2].split()[19]
