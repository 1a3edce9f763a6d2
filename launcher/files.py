"""Folders that are there completely or not at all, locks, and room on the disk."""

import contextlib
import errno
import fcntl
import hashlib
import os
import shutil
from pathlib import Path

from .errors import SetupError, disk_full, not_writable

STAMP = ".complete"
NOT_OURS = (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EEXIST)


def stamp_of(folder):
    """What a finished folder was made from; '' when it is missing or unfinished."""
    try:
        return (Path(folder) / STAMP).read_text()
    except OSError:
        return ""


def write_stamp(folder, text):
    write_whole(Path(folder) / STAMP, text)


def write_whole(path, text, mode=0o644):
    """Write a file so that a reader, or a crash, sees the old content or the new."""
    path = Path(path)
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with open(handle, "w", encoding="utf-8") as file:
        file.write(text)
    os.replace(beside, path)


@contextlib.contextmanager
def whole_folder(folder, stamp):
    """Yield an empty sibling to fill; it becomes `folder` when the block succeeds."""
    folder = Path(folder)
    beside = folder.with_name(f"{folder.name}.part")
    remove(beside)
    beside.mkdir(parents=True)
    yield beside
    write_stamp(beside, stamp)
    remove(folder)
    beside.rename(folder)


def remove(path):
    """Delete a file or a folder with all it holds; nothing there is fine."""
    path = Path(path)
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def digest(*paths):
    """A short hash over the content of files, for stamps."""
    total = hashlib.sha256()
    for path in paths:
        total.update(Path(path).read_bytes())
    return total.hexdigest()[:16]


def check_room(folder, needed):
    """:raises SetupError: fewer than `needed` bytes are free where `folder` is"""
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise SetupError(
            f"The disk that holds {folder} has {free / 1e9:.1f} GB free and this step "
            "needs "
            f"{needed / 1e9:.1f} GB: free some space or choose another folder with "
            "--home."
        )


@contextlib.contextmanager
def writing_to(folder):
    """Say in a sentence when a folder is full or not ours to write."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise disk_full(folder) from error
        if error.errno in NOT_OURS:
            raise not_writable(folder) from error
        raise


class Lock:
    """A lock file: shared while a thing is used, exclusive while it is changed."""

    def __init__(self, path):
        self.path = Path(path)
        self.file = None

    def take(self, *, shared=False, wait=True):
        """:return: whether the lock is ours now"""
        self.file = self.file or open(self.path, "a", encoding="utf-8")
        kind = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
        try:
            fcntl.flock(self.file, kind | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            return False
        return True

    def release(self):
        if self.file:
            self.file.close()
            self.file = None


@contextlib.contextmanager
def locked(path, progress):
    """Hold an exclusive lock; say so when another launcher has it."""
    lock = Lock(path)
    if not lock.take(wait=False):
        progress.say(
            "  ..  another ./retail-ops is at work in this folder; waiting for it"
        )
        lock.take()
    try:
        yield
    finally:
        lock.release()
