"""Files that are there whole or not at all, whatever is killed and however full the disk is."""

import contextlib
import errno
import hashlib
import os
import re
import socket
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from providers.errors import StorageError, StorageFull

_HOST = hashlib.sha256(socket.gethostname().encode()).hexdigest()[:12]
_TEMPORARY = re.compile(
    r"\.[0-9a-f]{32}\.(?P<host>[0-9a-f]{12})\.(?P<pid>[0-9]{1,9})\.tmp", re.ASCII
)
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


def write_whole(path: Path, content: bytes, *, sync: bool = True) -> None:
    """Put bytes under a name, in place of what was there.

    Args:
        path: The file; its folder is made if need be.
        content: All of it.
        sync: Whether to wait until the disk has it, so that a power cut cannot take it back.

    Raises:
        OSError: It could not be written; what was there before still is.

    """
    with _temporary(path, content, sync=sync) as temporary:
        temporary.replace(path)
    if sync:
        _sync_folder(path.parent)


def write_once(path: Path, content: bytes, *, sync: bool = True) -> bool:
    """Put bytes under a name that is free, and say whether it was.

    Args:
        path: The file; its folder is made if need be.
        content: All of it.
        sync: Whether to wait until the disk has it.

    Raises:
        OSError: It could not be written, and nothing was.

    """
    with _temporary(path, content, sync=sync) as temporary:
        try:
            # A link fails where a rename would silently replace what another process just wrote.
            os.link(temporary, path)
        except FileExistsError:
            return False
    if sync:
        _sync_folder(path.parent)
    return True


@contextmanager
def told(store: str, key: str) -> Iterator[None]:
    """Turn what the operating system raises into our errors, with the key in them."""
    try:
        yield
    except OSError as error:
        why = error.strerror or type(error).__name__
        if error.errno in _FULL:
            raise StorageFull(store, f"no room for {key}: {why}; free some and resume") from error
        raise StorageError(store, f"{key}: {why}") from error


@contextmanager
def _temporary(path: Path, content: bytes, *, sync: bool) -> Iterator[Path]:
    path.parent.mkdir(parents=True, exist_ok=True)
    # In the same folder, since a rename across file systems is a copy; with a leading dot, which
    # no key may have; with who writes it, so that it can be told whether anyone still does.
    temporary = path.parent / f".{uuid.uuid4().hex}.{_HOST}.{os.getpid()}.tmp"
    try:
        with temporary.open("xb") as file:
            file.write(content)
            file.flush()
            if sync:
                os.fsync(file.fileno())
        yield temporary
    finally:
        with contextlib.suppress(FileNotFoundError):
            temporary.unlink()


def sweep(folder: Path) -> int:
    """Remove what killed processes of this machine left half written, and return how much.

    What another machine or a living process is writing stays.
    """
    swept = 0
    for path in folder.rglob(".*.tmp"):
        found = _TEMPORARY.fullmatch(path.name)
        if found and found["host"] == _HOST and not _lives(int(found["pid"])):
            path.unlink(missing_ok=True)
            swept += 1
    return swept


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _sync_folder(folder: Path) -> None:
    # The name is in the folder, and the folder is on the disk only once it is synced too.
    # Windows cannot open one, and keeps names in its journal.
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
