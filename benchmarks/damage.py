"""Change bytes of an index that stands on disk, one at a time, and open it.

    python -m benchmarks.damage                     ../shared/corpus/news_2k.jsonl.xz
    python -m benchmarks.damage --corpus FILE --flips N --seed N

Of a small index every byte in turn, of the index over the corpus one bit at random places:
`Index.open` must refuse each and name the file. Vectors are HashEmbedder's, since what a vector
says does not matter here.
"""

from __future__ import annotations

import argparse
import os
import platform
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from index import Index, update
from index.embed import HashEmbedder
from index.errors import IndexUnusable

SHARED = Path(__file__).resolve().parents[2] / "shared"
EMBEDDER = HashEmbedder()


def files_of(index: Path) -> list[Path]:
    """All that an index is made of; lock files hold nothing."""
    found = (file for file in index.rglob("*") if file.is_file())
    return sorted(f for f in found if f.stat().st_size and not f.name.lower().endswith("lock"))


def every_byte(index: Path) -> Iterator[tuple[Path, int, int]]:
    """(file, offset, bits to turn); every bit has its turn at every eighth byte."""
    for file in files_of(index):
        for at in range(file.stat().st_size):
            yield file, at, 1 << at % 8


def random_bits(index: Path, n: int, seed: int) -> Iterator[tuple[Path, int, int]]:
    """Spread over the bytes of all files, so that a large file is hit more often."""
    files, seeded = files_of(index), random.Random(seed)
    sizes = [file.stat().st_size for file in files]
    for file in seeded.choices(files, sizes, k=n):
        yield file, seeded.randrange(file.stat().st_size), 1 << seeded.randrange(8)


def wrong(index: Path, file: Path, at: int, bits: int) -> str | None:
    """What an open makes of the changed byte; None: refused, the file named."""
    descriptor = os.open(file, os.O_RDWR)
    byte = os.pread(descriptor, 1, at)
    os.pwrite(descriptor, bytes([byte[0] ^ bits]), at)
    try:
        Index.open(index, embedder=EMBEDDER).close()
    except IndexUnusable as refused:
        return None if str(file) in str(refused) else f"{file} at {at}: {refused}"
    except Exception as error:
        return f"{file} at {at}: {error!r}"
    finally:
        os.pwrite(descriptor, byte, at)
        os.close(descriptor)
    return f"{file} at {at}: opened"


def tried(name: str, index: Path, changes: Iterator[tuple[Path, int, int]]) -> int:
    """How many changes were not refused as they should be."""
    began, n, n_bad = time.monotonic(), 0, 0
    for change in changes:
        n += 1
        if told := wrong(index, *change):
            n_bad += 1
            print(told)
    sizes = [file.stat().st_size for file in files_of(index)]
    found = Index.open(index, embedder=EMBEDDER)  # as it was
    print(
        f"{name} ({found.stats().n_articles} articles, {len(sizes)} files, {sum(sizes)} bytes): "
        f"{n} changes, {n_bad} not refused, {time.monotonic() - began:.0f} s",
        flush=True,
    )
    found.close()
    return n_bad


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--corpus", type=Path, default=SHARED / "corpus/news_2k.jsonl.xz")
    parser.add_argument("--flips", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=7)
    args = parser.parse_args()
    command = " ".join(["python -m benchmarks.damage", *sys.argv[1:]])
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    print(command, flush=True)
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        (folder / "articles").mkdir()
        for n in range(3):
            file = folder / "articles" / f"{n}.txt"
            file.write_text(f"编号{n}的报道。第{n}号说了一件事。", encoding="utf-8")
        small, large = folder / "small", folder / "large"
        update(small, [folder / "articles"], embedder=EMBEDDER, prune=True)
        n_bad = tried("every byte", small, every_byte(small))
        update(large, [args.corpus], embedder=EMBEDDER, prune=True)
        n_bad += tried("one bit", large, random_bits(large, args.flips, args.seed))
    return 1 if n_bad else 0


if __name__ == "__main__":
    raise SystemExit(main())
