"""Object code on disk: found again by what it was made from, and only if nobody else can have written it.

An entry is the file `<key>.o` in the cache's directory: 32 bytes, the SHA-256 digest of the key and
of what follows, then the object code. It is written under another name and renamed, so that a
process that reads never sees half of it. What is read is run: the directory and all above it must
belong to this user (or to root) and be writable by nobody else, and neither the directory nor an entry
may be a symbolic link.

The directory is `$WENGERT_CACHE`, by default `wengert` in `$XDG_CACHE_HOME` or `~/.cache`;
`WENGERT_CACHE=0` turns the cache off.
"""

from __future__ import annotations

import hashlib
import os
import stat
import tempfile
import warnings
from collections.abc import Generator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path

from wengert.errors import CacheWarning

_OFF = {"0", "off", "no", "none", "false"}
_DIGEST = 32
_MOST_BYTES = 512 << 20
_OFTEN = 64
"""After so many writes the directory is looked through, and the oldest entries removed beyond _MOST_BYTES."""


class Refused(Exception):
    """The cache cannot be used, or an entry of it; the text says why."""


def key_of(*parts: str) -> str:
    """A name for what is made from these texts."""
    h = hashlib.sha256()
    for part in parts:
        data = part.encode()
        h.update(len(data).to_bytes(8, "little"))
        h.update(data)
    return h.hexdigest()


def load(key: str) -> bytes | None:
    """The object code of that name, if it is there and as it was written."""
    directory = _directory()
    if directory is None:
        return None
    try:
        return _checked(key, _read(directory / f"{key}.o"))
    except FileNotFoundError:
        return None
    except (OSError, Refused) as reason:
        _say(f"the entry {key[:12]}… of the cache {directory} is ignored: {reason}")
        return None


def store(key: str, code: bytes) -> None:
    """Write an entry, whole or not at all."""
    directory = _directory()
    if directory is None:
        return
    try:
        _write(directory, key, _digest(key, code) + code)
    except OSError as reason:
        _say(f"the cache {directory} cannot be written to: {reason}")


def _write(directory: Path, key: str, data: bytes) -> None:
    handle, name = tempfile.mkstemp(prefix="new-", dir=directory)  # mode 0600
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        os.replace(name, directory / f"{key}.o")
    except BaseException:
        with suppress(OSError):
            os.unlink(name)
        raise
    _Writes.count += 1
    if _Writes.count % _OFTEN == 0:
        _make_room(directory)


class _Writes:
    count = 0


def _make_room(directory: Path) -> None:
    """Remove what was written first, beyond _MOST_BYTES."""
    entries: list[tuple[float, int, Path]] = []
    for path in directory.glob("*.o"):
        with suppress(OSError):
            found = path.lstat()
            entries.append((found.st_mtime, found.st_size, path))
    total = sum(size for _, size, _ in entries)
    for _, size, path in sorted(entries):
        if total <= _MOST_BYTES:
            return
        with suppress(OSError):
            path.unlink()
            total -= size


def _digest(key: str, code: bytes) -> bytes:
    return hashlib.sha256(key.encode() + code).digest()


def _checked(key: str, data: bytes) -> bytes:
    code = data[_DIGEST:]
    if not code or data[:_DIGEST] != _digest(key, code):
        raise Refused("it is damaged")
    return code


def _read(path: Path) -> bytes:
    """The bytes of an entry that is a file of this user's own, and no link."""
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
    with os.fdopen(handle, "rb") as file:
        found = os.fstat(file.fileno())
        if not stat.S_ISREG(found.st_mode):
            raise Refused("it is not a file")
        _must_be_ours(found, str(path), shared=False)
        return file.read()


# ── the directory ──


def _directory() -> Path | None:
    """Where entries lie; None if there is no cache."""
    return _opened(os.environ.get("WENGERT_CACHE"), os.environ.get("XDG_CACHE_HOME"))


@cache
def _opened(wanted: str | None, home: str | None) -> Path | None:
    """The directory, made if need be. Each is tried once in the life of a process."""
    if wanted is not None and wanted.strip().lower() in {"", *_OFF}:
        return None
    try:
        path = Path(wanted) if wanted else (Path(home) if home else Path.home() / ".cache") / "wengert"
        path = path.absolute()
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        _must_be_safe(path)
    except (OSError, RuntimeError, Refused) as reason:
        _say(f"compiled functions are not kept on disk: {reason}")
        return None
    return path


def _must_be_safe(path: Path) -> None:
    """Refuse a directory that another user could put entries into, or exchange."""
    if path.is_symlink():
        raise Refused(f"{path} is a symbolic link")
    real = path.resolve()
    _must_be_ours(os.lstat(real), str(real), shared=False)
    for above in real.parents:
        _must_be_ours(os.lstat(above), str(above), shared=True)


def _must_be_ours(found: os.stat_result, what: str, shared: bool) -> None:
    """`shared`: a directory above, which may be root's, or writable by all if only owners may rename (sticky)."""
    if not hasattr(os, "geteuid"):
        return  # Windows keeps a user's profile to the user
    owners = {os.geteuid(), 0} if shared else {os.geteuid()}
    if found.st_uid not in owners:
        raise Refused(f"{what} belongs to another user (number {found.st_uid})")
    others_write = found.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
    if others_write and not (shared and found.st_mode & stat.S_ISVTX):
        raise Refused(f"{what} may be written by others (mode {stat.S_IMODE(found.st_mode):o}); chmod go-w it")


@contextmanager
def silently() -> Generator[None]:
    """Nothing is said of a cache that cannot be used: whoever asks next is told."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", CacheWarning)
        yield
    _opened.cache_clear()


def _say(text: str) -> None:
    warnings.warn(f"{text}.\nSet WENGERT_CACHE to a directory of your own, or to 0.", CacheWarning, stacklevel=4)


__all__ = ["key_of", "load", "silently", "store"]
