"""Whatever stops a writer or spoils a file: before or after, never between."""

from __future__ import annotations

import errno
import fcntl
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from index import Index, generations, remove, update
from index.embed import HashEmbedder
from index.errors import (
    IndexDamaged,
    IndexLocked,
    IndexMissing,
    IndexUnusable,
    StorageFailed,
    VectorsUnfinished,
)

EMBEDDER = HashEmbedder()
ROOT = Path(__file__).parents[2]
STEPS = (
    "locked", "staged", "catalogued", "worded", "embedded", "merged", "sealed", "switched",
    "collected",
)  # fmt: skip

# Forks a writer for each line it is given, so that only one process pays for the imports. The
# writer adds a folder's files in their order and notes each name once the update has returned.
SERVER = """
import os, signal, sys
from pathlib import Path
from index import update
from index.embed import HashEmbedder

def write(index, folder, stop, notes):
    def on_step(step):
        if step == stop:
            os.kill(os.getpid(), signal.SIGKILL)

    for file in sorted(folder.iterdir()):
        update(index, [file], embedder=HashEmbedder(), prune=False, on_step=on_step)
        with notes.open("a") as noted:
            noted.write(file.name + "\\n")

for line in sys.stdin:
    index, folder, stop, notes = line.rstrip("\\n").split("|")
    pid = os.fork()
    if pid == 0:
        write(Path(index), Path(folder), stop, Path(notes))
        os._exit(0)
    print(pid, flush=True)
    print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), flush=True)
"""


class Writers:
    """Starts writers one after the other."""

    def __init__(self) -> None:
        self._server = subprocess.Popen(
            [sys.executable, "-c", SERVER],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def start(self, index: Path, folder: Path, stop: str = "") -> int:
        """The writer's process id."""
        assert self._server.stdin
        self._server.stdin.write(f"{index}|{folder}|{stop}|{notes_of(folder)}\n")
        self._server.stdin.flush()
        return self._told()

    def wait(self) -> int:
        """The exit code of the writer that was started last."""
        return self._told()

    def _told(self) -> int:
        assert self._server.stdout
        return int(self._server.stdout.readline())

    def close(self) -> None:
        self._server.kill()
        self._server.communicate()


def notes_of(folder: Path) -> Path:
    return folder.with_suffix(".notes")


def acknowledged(folder: Path) -> list[str]:
    return notes_of(folder).read_text().split() if notes_of(folder).exists() else []


@pytest.fixture(scope="module")
def writers() -> Iterator[Writers]:
    made = Writers()
    yield made
    made.close()


def write_articles(folder: Path, names: Iterator[str]) -> None:
    folder.mkdir(exist_ok=True)
    for name in names:
        (folder / name).write_text(f"编号{name}的报道。{name}说了一件事。", encoding="utf-8")


@pytest.fixture
def built(tmp_path: Path) -> Path:
    write_articles(tmp_path / "articles", (f"{n}.txt" for n in range(3)))
    update(tmp_path / "index", [tmp_path / "articles"], embedder=EMBEDDER, prune=True)
    return tmp_path / "index"


def names_in(path: Path) -> list[str]:
    """What the index holds; each of it must be whole."""
    found = Index.open(path, embedder=EMBEDDER)
    try:
        for article_id in found.article_ids():
            article = found.article(article_id)
            (passage,) = found.passages(article_id)
            best = found.search(article.text, top_k=1)[0]
            assert best.passage.article_id == article_id
            assert best.passage == passage
            assert best.dense is not None
        assert found.n_vectors() == found.stats().n_embedded == found.stats().n_passages
        return [summary.path for summary in found.summaries()]
    finally:
        found.close()


@pytest.mark.parametrize("step", STEPS)
def test_killed_at_a_named_step_it_is_before_or_after(
    writers: Writers, built: Path, tmp_path: Path, step: str
) -> None:
    write_articles(tmp_path / "new", iter(["x.txt"]))
    writers.start(built, tmp_path / "new", step)
    assert writers.wait() == -9
    before, after = ["0.txt", "1.txt", "2.txt"], ["0.txt", "1.txt", "2.txt", "x.txt"]
    assert names_in(built) == (after if step in ("switched", "collected") else before)
    # The dead writer holds no lock, and the next one clears away what it left.
    write_articles(tmp_path / "next", iter(["y.txt"]))
    update(built, [tmp_path / "new", tmp_path / "next"], embedder=EMBEDDER, prune=False)
    assert names_in(built) == [*after, "y.txt"]
    assert len(list((built / "generations").iterdir())) == 1


@pytest.mark.slow
def test_killed_at_any_moment_no_acknowledged_article_is_lost(
    writers: Writers, built: Path, tmp_path: Path
) -> None:
    """Added one by one in their order, so what is there is a beginning of the list, and
    reaches at least as far as what was acknowledged."""
    seeded, expected = random.Random(7), ["0.txt", "1.txt", "2.txt"]
    for n in range(KILLS):
        folder = tmp_path / f"new{n:04}"  # a list goes by path
        write_articles(folder, (f"a{n:04}-{more}.txt" for more in range(9)))
        pid = writers.start(built, folder)
        time.sleep(seeded.random() * 0.12)
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        writers.wait()
        expected += acknowledged(folder)
        there = names_in(built)
        assert there[: len(expected)] == expected
        assert len(there) - len(expected) <= 1  # committed, and killed before it could say so
        expected = there
        if len(there) > 20:  # keep the checks quick
            remove(built, Index.open(built, embedder=EMBEDDER).article_ids()[3:])
            expected = ["0.txt", "1.txt", "2.txt"]


KILLS = int(os.environ.get("WENJU_KILLS", "191"))


def every_file(index: Path) -> list[Path]:
    return sorted(
        file
        for file in index.rglob("*")
        if file.is_file() and file.stat().st_size and not file.name.endswith(".lock")
    )


def test_every_byte_changed_in_turn_is_refused_and_the_file_named(built: Path) -> None:
    number = generations.read_pointer(built)[0]
    manifest = generations.read_manifest(built)
    folder = generations.folder_of(built, number)
    sealed = {folder / name for name in manifest.files}
    assert {*sealed, folder / "manifest.json", built / "CURRENT"} == set(every_file(built))
    for file in every_file(built):
        data = bytearray(file.read_bytes())
        # Every byte of the small files; of the large ones every 97th, since each costs an open.
        for at in range(0, len(data), 1 if len(data) < 300 else 97):
            data[at] ^= 1 << at % 8
            file.write_bytes(data)
            with pytest.raises(IndexUnusable) as refused:
                generations.open_current(built)
            assert str(file) in str(refused.value)
            data[at] ^= 1 << at % 8
        file.write_bytes(data)
    assert len(names_in(built)) == 3


@pytest.mark.parametrize("harm", ["missing", "shorter", "longer", "empty", "swapped"])
def test_a_harmed_file_is_refused_and_named(built: Path, harm: str) -> None:
    for file in every_file(built):
        data = file.read_bytes()
        if harm == "missing":
            file.unlink()
        elif harm == "swapped":
            other = next(f for f in every_file(built) if f != file)
            shutil.copy(other, file)
        else:
            file.write_bytes({"shorter": data[:-1], "longer": data + b"\0", "empty": b""}[harm])
        with pytest.raises(IndexUnusable, match=r"index build") as refused:
            Index.open(built, embedder=EMBEDDER)
        assert str(file) in str(refused.value)
        file.write_bytes(data)
    assert len(names_in(built)) == 3


def test_a_damaged_index_is_replaced_by_a_build_and_left_by_an_add(
    built: Path, tmp_path: Path
) -> None:
    victim = next(f for f in every_file(built) if f.suffix == ".faiss")
    victim.write_bytes(b"x" + victim.read_bytes()[1:])
    with pytest.raises(IndexDamaged):
        update(built, [tmp_path / "articles"], embedder=EMBEDDER, prune=False)
    update(built, [tmp_path / "articles"], embedder=EMBEDDER, prune=True)
    assert len(names_in(built)) == 3


def test_a_second_writer_is_refused_and_the_first_goes_on(built: Path, tmp_path: Path) -> None:
    write_articles(tmp_path / "new", iter(["x.txt"]))

    def on_step(step: str) -> None:
        if step == "worded":
            with (
                pytest.raises(IndexLocked, match="is being written by process"),
                generations.writing(built, wait_s=0.0),
            ):
                pass

    update(built, [tmp_path / "new"], embedder=EMBEDDER, prune=False, on_step=on_step)
    assert len(names_in(built)) == 4


def test_two_processes_that_write_at_once_lose_nothing(
    writers: Writers, built: Path, tmp_path: Path
) -> None:
    write_articles(tmp_path / "one", (f"a{n}.txt" for n in range(4)))
    write_articles(tmp_path / "two", (f"b{n}.txt" for n in range(4)))
    writers.start(built, tmp_path / "one")
    for file in sorted((tmp_path / "two").iterdir()):
        update(built, [file], embedder=EMBEDDER, prune=False)
    assert writers.wait() == 0
    assert names_in(built) == sorted(
        f"{name}.txt" for name in (0, 1, 2, *(f"{one}{n}" for one in "ab" for n in range(4)))
    )


def test_a_readers_generation_is_kept_until_it_closes(built: Path, tmp_path: Path) -> None:
    reader = Index.open(built, embedder=EMBEDDER)
    for n in range(3):
        write_articles(tmp_path / f"new{n}", iter([f"x{n}.txt"]))
        update(built, [tmp_path / f"new{n}"], embedder=EMBEDDER, prune=False)
    assert sorted(f.name for f in (built / "generations").iterdir()) == ["000001", "000004"]
    assert len(reader.search("编号", top_k=10)) == 3
    assert reader.refresh() is not reader  # opened and forgotten: holds nothing
    reader.close()
    write_articles(tmp_path / "last", iter(["y.txt"]))
    update(built, [tmp_path / "last"], embedder=EMBEDDER, prune=False)
    assert [f.name for f in (built / "generations").iterdir()] == ["000005"]


READ_ONLY = """
import os, sys
from pathlib import Path
from index import Index, remove
from index.embed import HashEmbedder
from index.errors import StorageFailed
from index.lexical import fold

fold("")  # what is read on first use may be closed to others

if os.geteuid() == 0:  # root writes everywhere: be somebody else
    os.setgid(65534)
    os.setuid(65534)
path = Path(sys.argv[1])
found = Index.open(path, embedder=HashEmbedder())
print(len(found.search("编号", top_k=10)))
try:
    remove(path, found.article_ids()[:1])
except StorageFailed as refused:
    print(refused)
"""


def test_a_read_only_folder_can_be_read_and_not_written() -> None:
    with tempfile.TemporaryDirectory() as folder:  # pytest's own is closed to others
        write_articles(Path(folder, "articles"), (f"{n}.txt" for n in range(3)))
        path = Path(folder, "index")
        update(path, [Path(folder, "articles")], embedder=EMBEDDER, prune=True)
        everything = (Path(folder), path, *path.rglob("*"))
        for found in everything:
            found.chmod(0o555 if found.is_dir() else 0o444)
        try:
            done = subprocess.run(
                [sys.executable, "-c", READ_ONLY, str(path)],
                cwd=ROOT,
                check=True,
                capture_output=True,
                text=True,
            )
        finally:
            for found in everything:
                found.chmod(0o755)
    n_found, refused = done.stdout.splitlines()
    assert n_found == "3"
    assert "nothing was committed" in refused


@pytest.mark.parametrize("code", [errno.EIO, errno.ENOSPC, errno.EROFS])
@pytest.mark.parametrize("call", ["fsync", "link", "mkdir", "replace", "flock"])
def test_a_refusing_disk_leaves_what_was_there(
    built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str, code: int
) -> None:
    write_articles(tmp_path / "new", iter(["x.txt"]))

    def refuse(*args: object, **more: object) -> None:
        raise OSError(code, os.strerror(code))

    with monkeypatch.context() as patched:
        owner = {"replace": Path, "mkdir": Path, "flock": fcntl}.get(call, os)
        patched.setattr(owner, call, refuse)
        with pytest.raises(StorageFailed, match=os.strerror(code)):
            update(built, [tmp_path / "new"], embedder=EMBEDDER, prune=False)
    assert len(names_in(built)) == 3
    update(built, [tmp_path / "new"], embedder=EMBEDDER, prune=False)
    assert len(names_in(built)) == 4


LIMITED = """
import resource, signal, sys
from pathlib import Path
from index import update
from index.commands import main
from index.embed import HashEmbedder
import index.embed

index.embed.load_embedder = lambda name: HashEmbedder()
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[3]), int(sys.argv[3])))
raise SystemExit(main(["add", sys.argv[1], sys.argv[2]]))
"""


@pytest.mark.parametrize("most_bytes", [0, 10, 600, 3_000, 9_000, 30_000])
def test_a_full_disk_at_any_size_leaves_what_was_there(
    built: Path, tmp_path: Path, most_bytes: int
) -> None:
    """No file may grow past a size: whichever writer meets it first, all say so alike."""
    text = "".join(chr(0x4E00 + n * 37 % 20_000) + "。" * (n % 9 == 0) for n in range(20_000))
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / "x.txt").write_text(text, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, str(built), str(tmp_path / "new"), str(most_bytes)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1, done.stderr
    assert "nothing was committed" in done.stderr
    assert "Traceback" not in done.stderr
    assert len(names_in(built)) == 3


def test_a_disk_that_fails_after_the_articles_are_in_does_not_say_that_they_are_not(
    built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Found by failing each system call: a lock is taken to look for missing vectors."""
    write_articles(tmp_path / "new", iter(["x.txt"]))

    def refuse(path: Path, **more: object) -> None:
        raise StorageFailed(path, "Input/output error")

    with monkeypatch.context() as patched:
        patched.setattr("index.writer.embed_missing", refuse)
        with pytest.raises(VectorsUnfinished, match="the articles are in") as told:
            update(built, [tmp_path / "new"], embedder=EMBEDDER, prune=False)
    assert told.value.exit_code == 3
    assert len(names_in(built)) == 4


def test_an_index_killed_in_its_first_build_is_none(tmp_path: Path) -> None:
    write_articles(tmp_path / "articles", iter(["x.txt"]))

    class StoppedError(Exception):
        pass

    def on_step(step: str) -> None:
        if step == "sealed":
            raise StoppedError

    with pytest.raises(StoppedError):
        update(
            tmp_path / "index",
            [tmp_path / "articles"],
            embedder=EMBEDDER,
            prune=True,
            on_step=on_step,
        )
    with pytest.raises(IndexMissing):
        Index.open(tmp_path / "index", embedder=EMBEDDER)
    update(tmp_path / "index", [tmp_path / "articles"], embedder=EMBEDDER, prune=True)
    assert names_in(tmp_path / "index") == ["x.txt"]


def test_ten_readers_are_answered_while_a_writer_adds(
    writers: Writers, built: Path, tmp_path: Path
) -> None:
    write_articles(tmp_path / "new", (f"a{n:02}.txt" for n in range(12)))
    failed: list[BaseException] = []
    counts: list[int] = []
    done = threading.Event()

    def read() -> None:
        found = Index.open(built, embedder=EMBEDDER)
        try:
            while not done.is_set():
                found = found.refresh()
                hits = found.search("编号0.txt的报道", top_k=3)
                assert found.article(hits[0].passage.article_id).source.path == "0.txt"
                counts.append(len(found.article_ids()))
        except BaseException as error:
            failed.append(error)

    readers = [threading.Thread(target=read) for _ in range(10)]
    for reader in readers:
        reader.start()
    writers.start(built, tmp_path / "new")
    assert writers.wait() == 0
    done.set()
    for reader in readers:
        reader.join()
    assert not failed
    assert set(counts) <= set(range(3, 16))
    assert len(names_in(built)) == 15


@pytest.mark.parametrize("again", [False, True])
def test_a_disk_that_fails_at_each_sync_in_turn_leaves_what_was_there(
    built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, again: bool
) -> None:
    """The last one comes after the pointer is in place: it is put back (found by strace).

    again: every later sync fails too.
    """
    write_articles(tmp_path / "new", iter(["x.txt"]))
    true_sync, n_failed = os.fsync, 0
    while True:
        calls = 0

        def fail_one(descriptor: int, n_failed: int = n_failed) -> None:
            nonlocal calls
            calls += 1
            if calls == n_failed + 1 or (again and calls > n_failed):
                raise OSError(errno.EIO, os.strerror(errno.EIO))
            true_sync(descriptor)

        with monkeypatch.context() as patched:
            patched.setattr(os, "fsync", fail_one)
            try:
                update(built, [tmp_path / "new"], embedder=EMBEDDER, prune=False)
            except StorageFailed:
                n_failed += 1
                assert len(Index.open(built, embedder=EMBEDDER).article_ids()) == 3
                continue
        break
    assert n_failed > 8
    assert len(names_in(built)) == 4
