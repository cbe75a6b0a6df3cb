"""The index on disk: one pointer to one generation, a folder of files that never change.

    DIR/CURRENT                    which generation counts, and its manifest's SHA-256
    DIR/LOCK                       held by the one writer
    DIR/generations/000007/        hard links to the files it shares with the one before
        manifest.json              what it was made with, its files, their sizes and SHA-256
        articles-000003.sqlite     articles, sources, passages
        vectors-000005.faiss       vectors
        lexical/                   the inverted index

A writer fills a new folder, syncs it and then renames a new CURRENT into
place; whatever stops it before that leaves a folder that nothing points at.
A reader holds a shared lock on its manifest, so its generation is not
collected under it. Every byte is checked before it is read.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import re
import shutil
import sqlite3
import time
import weakref
import zlib
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

from index.errors import (
    IndexDamaged,
    IndexLocked,
    IndexMissing,
    IndexUnusable,
    StorageFailed,
    WrongFormat,
)
from index.manifest import FORMAT, READABLE, FileSum, Manifest

_POINTER = re.compile(
    rb"(wenju index, format (\d+)\ngeneration (\d{6,})\nmanifest ([0-9a-f]{64})\n)"
    rb"sum ([0-9a-f]{8})\n"
)
_NOT_WRITTEN = "not the bytes that were written"
_MANIFEST = "manifest.json"


class Generation:
    """A generation held for reading until `close`, or until nobody refers to it any more."""

    def __init__(
        self, pointer: tuple[int, str], folder: Path, manifest: Manifest, held: int
    ) -> None:
        """
        Args:
            pointer: as `read_pointer` gives it; another index may have the same number.
            held: a descriptor with the shared lock.
        """
        self.pointer, self.number = pointer, pointer[0]
        self.folder, self.manifest = folder, manifest
        self.close = weakref.finalize(self, os.close, held)  # runs once


def is_index(folder: Path) -> bool:
    """Whether there is an index, or one in the making: nothing in it is anybody's article."""
    # Path.is_dir and Path.exists raise where a folder is closed.
    return os.path.isdir(folder / "generations") and any(  # noqa: PTH112 see above
        os.path.exists(folder / name)  # noqa: PTH110 see above
        for name in ("CURRENT", "LOCK")
    )


def folder_of(path: Path, number: int) -> Path:
    return path / "generations" / f"{number:06d}"


def open_current(path: Path, *, checked: frozenset[str] = frozenset()) -> Generation:
    """The generation that counts, every file of it checked.

    Args:
        checked: SHA-256 of files that need no second reading, since this
            process has checked and still holds them.

    Raises:
        IndexMissing: no index there.
        IndexDamaged: a file is missing or is not what was written.
        WrongFormat: written by another version.
        StorageFailed: the disk lets nobody lock a file.
    """
    while True:
        pointer = number, sha256 = read_pointer(path)
        folder = folder_of(path, number)
        try:
            held = os.open(folder / _MANIFEST, os.O_RDONLY)
        except FileNotFoundError:
            if read_pointer(path) != pointer:
                continue  # a writer went on and collected it in between
            raise IndexDamaged(folder / _MANIFEST, "the file is missing", index=path) from None
        try:
            with storage_errors(path):
                fcntl.flock(held, fcntl.LOCK_SH)
            if not (folder / _MANIFEST).exists() and read_pointer(path) != pointer:
                os.close(held)
                continue
            manifest = _manifest(folder / _MANIFEST, _read_all(held), sha256)
            check_files(folder, manifest, checked=checked)
            return Generation(pointer, folder, manifest, held)
        except BaseException:
            os.close(held)
            raise


def read_pointer(path: Path) -> tuple[int, str]:
    """The current generation's number and its manifest's SHA-256."""
    try:
        data = (path / "CURRENT").read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        if (path / "generations").is_dir() and any((path / "generations").glob(f"*/{_MANIFEST}")):
            raise IndexDamaged(path / "CURRENT", "the file is missing", index=path) from None
        raise IndexMissing(path) from None
    found = _POINTER.fullmatch(data)
    if not found or b"%08x" % zlib.crc32(found[1]) != found[5]:
        raise IndexDamaged(path / "CURRENT", _NOT_WRITTEN, index=path)
    if int(found[2]) not in READABLE:
        raise WrongFormat(path, f"format {int(found[2])}", f"format {FORMAT}")
    return int(found[3]), found[4].decode()


def read_manifest(path: Path) -> Manifest:
    """What the current generation says of itself; its files are not looked at."""
    number, sha256 = read_pointer(path)
    file = folder_of(path, number) / _MANIFEST
    try:
        data = file.read_bytes()
    except FileNotFoundError:
        if read_pointer(path)[0] != number:
            return read_manifest(path)
        raise IndexDamaged(file, "the file is missing", index=path) from None
    return _manifest(file, data, sha256)


def _manifest(file: Path, data: bytes, sha256: str) -> Manifest:
    index = file.parents[2]
    if hashlib.sha256(data).hexdigest() != sha256:
        raise IndexDamaged(file, _NOT_WRITTEN, index=index)
    return Manifest.from_bytes(data)


def check_files(folder: Path, manifest: Manifest, *, checked: frozenset[str] = frozenset()) -> None:
    """Raises IndexDamaged for the first file that is not as the manifest says."""
    index = folder.parents[1]

    def check(name: str, told: FileSum) -> None:
        file = folder / name
        try:
            with file.open("rb") as opened:
                if os.fstat(opened.fileno()).st_size != told.n_bytes:
                    raise IndexDamaged(file, f"its size is not {told.n_bytes} bytes", index=index)
                if told.sha256 not in checked:
                    found = hashlib.file_digest(opened, "sha256").hexdigest()
                    if found != told.sha256:
                        raise IndexDamaged(file, _NOT_WRITTEN, index=index)
        except OSError as error:
            raise IndexDamaged(file, error.strerror or str(error), index=index) from None

    with ThreadPoolExecutor(max_workers=2) as pool:  # hashing leaves the interpreter lock
        list(pool.map(check, manifest.files.keys(), manifest.files.values()))


@contextmanager
def writing(path: Path, *, wait_s: float = 10.0, new: bool = False) -> Generator[None]:
    """The right to write, for one process; a dead one does not hold it.

    Args:
        wait_s: how long to wait for another writer; a batch of vectors takes
            less than a second to commit.
        new: True: make the folder when there is none. False: leave nothing
            in a folder without an index, which may be a misspelt name.

    Raises:
        IndexLocked: another process writes.
        StorageFailed: the folder cannot be made or written.
        IndexUnusable: only with `new` False, and then as `read_pointer` says.
    """
    with storage_errors(path):
        if new:
            path.mkdir(parents=True, exist_ok=True)
        else:
            read_pointer(path)
        lock = os.open(path / "LOCK", os.O_RDWR | os.O_CREAT, 0o644)
    try:
        until = time.monotonic() + wait_s
        while not _locked(lock, path):
            if time.monotonic() > until:
                holder = os.pread(lock, 100, 0).decode(errors="replace") or "another process"
                raise IndexLocked(path, holder)
            time.sleep(0.05)
        with storage_errors(path):
            os.ftruncate(lock, 0)
            os.pwrite(lock, f"process {os.getpid()}".encode(), 0)
        try:
            yield
        finally:
            with suppress(OSError):  # a name left in it misleads nobody: the lock decides
                os.ftruncate(lock, 0)
    finally:
        os.close(lock)


def _locked(descriptor: int, path: Path) -> bool:
    with storage_errors(path):
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


@contextmanager
def storage_errors(path: Path) -> Generator[None]:
    """What the disk refuses, as one of our errors."""
    try:
        yield
    except OSError as error:
        raise StorageFailed(path, error.strerror or str(error)) from error
    except sqlite3.OperationalError as error:  # what SQLite makes of a refusing disk
        raise StorageFailed(path, str(error)) from error


def stage(path: Path, before: Generation | None) -> tuple[int, Path]:
    """A folder for the next generation, sharing the files of the one before.

    before: None starts from nothing; what is there stays until `collect`.
    """
    generations = path / "generations"
    generations.mkdir(exist_ok=True)
    found = [folder for folder in generations.iterdir() if folder.name.isdigit()]
    if before:
        number = before.number + 1
        for folder in found:  # what a stopped writer left
            if int(folder.name) >= number:
                shutil.rmtree(folder)
    else:
        number = max((int(folder.name) for folder in found), default=0) + 1
    folder = folder_of(path, number)
    folder.mkdir()
    if before:
        for parent in {(folder / name).parent for name in before.manifest.files}:
            parent.mkdir(exist_ok=True)
        for name in before.manifest.files:
            _link(before.folder / name, folder / name)
    return number, folder


def seal(folder: Path, before: Manifest | None) -> dict[str, FileSum]:
    """Sync what is new in the folder to the disk; sizes and sums of all its files."""
    known = before.files if before else {}
    sums: dict[str, FileSum] = {}
    for file in sorted(folder.rglob("*")):
        name = file.relative_to(folder).as_posix()
        if file.is_dir():
            continue
        if name in known and file.stat().st_nlink > 1:  # a link to what is sealed already
            sums[name] = known[name]
            continue
        with file.open("rb") as opened:
            os.fsync(opened.fileno())
            size = os.fstat(opened.fileno()).st_size
            sums[name] = FileSum(size, hashlib.file_digest(opened, "sha256").hexdigest())
    return sums


def switch(path: Path, number: int, manifest: Manifest) -> None:
    """Write the manifest, sync the folders, then let the pointer name the new generation."""
    folder = folder_of(path, number)
    data = manifest.to_bytes()
    _write_synced(folder / _MANIFEST, data)
    for synced in (*(d for d in folder.iterdir() if d.is_dir()), folder, folder.parent, path):
        _sync_folder(synced)
    pointer = (
        f"wenju index, format {FORMAT}\ngeneration {number:06d}\n"
        f"manifest {hashlib.sha256(data).hexdigest()}\n"
    ).encode()
    current = path / "CURRENT"
    before = current.read_bytes() if current.exists() else None
    _write_synced(path / "CURRENT.new", pointer + b"sum %08x\n" % zlib.crc32(pointer))
    (path / "CURRENT.new").replace(current)
    try:
        _sync_folder(path)
    except OSError:  # not known to last, so not done: back to the state before
        if before is None:
            current.unlink()
        else:
            (path / "CURRENT.new").write_bytes(before)
            (path / "CURRENT.new").replace(current)
        raise


def current_number(path: Path) -> int | None:
    """Of the generation that counts; None: there is none, or nobody can read which."""
    with suppress(IndexUnusable, OSError):
        return read_pointer(path)[0]
    return None


def names(path: Path, number: int) -> bool:
    """Whether the pointer names this generation."""
    try:
        return read_pointer(path)[0] == number
    except IndexUnusable:
        return False


def collect(path: Path, current: int) -> None:
    """Delete the generations before `current` that no reader holds."""
    for folder in sorted((path / "generations").iterdir()):
        if not folder.name.isdigit() or int(folder.name) >= current:
            continue
        try:
            held = os.open(folder / _MANIFEST, os.O_RDONLY)
        except FileNotFoundError:
            shutil.rmtree(folder, ignore_errors=True)
            continue
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            # The manifest goes first: without it nobody can begin to read the folder.
            (folder / _MANIFEST).unlink(missing_ok=True)
            shutil.rmtree(folder, ignore_errors=True)
        except OSError:
            pass  # held by a reader, or not ours to delete: the next writer tries again
        finally:
            os.close(held)


def _link(old: Path, new: Path) -> None:
    try:
        os.link(old, new)
    except OSError as error:
        if error.errno not in (errno.EPERM, errno.ENOTSUP, errno.EXDEV, errno.EMLINK):
            raise
        shutil.copyfile(old, new)  # a file system without hard links


def _write_synced(path: Path, data: bytes) -> None:
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _read_all(descriptor: int) -> bytes:
    with os.fdopen(os.dup(descriptor), "rb") as file:
        return file.read()
