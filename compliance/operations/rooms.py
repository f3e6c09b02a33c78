"""Folders and files to work in that go with whoever made them: what a killed process left is removed by the next one.

Each is locked for as long as its process lives; the system itself lets the lock go when it is killed.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from time import time

_LOCK = "in-use"
_YOUNG, _OLD = 60.0, 86_400.0  # seconds: of what may not be locked yet, of what no lock is waited for any more


@contextlib.contextmanager
def room(folder: Path, prefix: str) -> Iterator[Path]:
    """Give a folder that nobody else reads, beside where its files are to be; it goes with what is still in it.

    Folders of the same prefix that no living process holds go first. Raises OSError.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for left in folder.glob(f"{prefix}*"):
        if left.is_dir() and not left.is_symlink() and _room_left(left):
            shutil.rmtree(left, ignore_errors=True)
    made = Path(tempfile.mkdtemp(prefix=prefix, dir=folder))
    try:
        with (made / f"{_LOCK}.new").open("wb") as file:
            hold(file.fileno())
            (made / f"{_LOCK}.new").rename(made / _LOCK)  # so that it is locked whenever it is there
            yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)


def hold(handle: int) -> None:
    """Lock an open file of ours until it is closed, or its process ends; where the disk has no locks, do nothing."""
    with contextlib.suppress(OSError):
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)


def sweep(folder: Path, pattern: str) -> None:
    """Remove the files of a pattern that no living process holds or has written to lately."""
    for left in folder.glob(pattern):
        if left.is_file() and not left.is_symlink() and _age(left) > _YOUNG and _free(left):
            left.unlink(missing_ok=True)


def _room_left(room_: Path) -> bool:
    """Tell whether nobody holds a folder; without a lock it is about to be locked, or of a programme before locks."""
    lock = room_ / _LOCK
    return _free(lock) if lock.exists() else _age(room_) > _OLD


def _age(path: Path) -> float:
    try:
        return time() - path.stat().st_mtime
    except OSError:  # gone meanwhile
        return 0.0


def _free(path: Path) -> bool:
    try:
        handle = os.open(path, os.O_RDONLY)
    except OSError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    else:
        return True
    finally:
        os.close(handle)
