"""How well reprints are told from other articles, and what that costs.

    python -m benchmarks.reprints                       ../shared/corpus/news_2k.jsonl.xz
    python -m benchmarks.reprints --cost FILE           time of a corpus, all in one

Of 500 articles reprints are made in each of the ways below, the corpus's other articles stand
beside them. Recall: of the pairs made. Precision: of the pairs found between made and original
articles, and of those found in the corpus itself, which are printed to be judged by eye.
"""

from __future__ import annotations

import argparse
import json
import lzma
import os
import platform
import random
import re
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from index.passages import sentences
from index.reprints import Imprint, bands, candidates, shingles

SHARED = Path(__file__).resolve().parents[2] / "shared"
ORIGINALS = 500


def texts_of(corpus: Path) -> list[str]:
    with lzma.open(corpus, "rt", encoding="utf-8") as lines:
        return [json.loads(line)["text"] for line in lines]


def without(share: float) -> Callable[[str, random.Random], str]:
    def cut(text: str, seeded: random.Random) -> str:
        spans = sentences(text)
        kept = sorted(seeded.sample(range(len(spans)), max(1, round(len(spans) * (1 - share)))))
        return "".join(spans[n].of(text) for n in kept)

    return cut


def other_headline(text: str, _: random.Random) -> str:
    """The start, where these articles carry their headline, said in other words."""
    first = sentences(text)[0]
    return f"一则消息引发关注，究竟是怎么回事\n{text[min(first.end, 30) :]}"


def other_byline(text: str, _: random.Random) -> str:
    bare = re.sub(r"[（(](?:首席)?记者[^（）()]{1,30}[）)]", "", text)
    return f"【本报综合消息】 特约记者 王小明 通讯员 李大力 {bare}（责任编辑：张三）"


def misprints(text: str, seeded: random.Random) -> str:
    """Every hundredth character another one."""
    made = list(text)
    for at in seeded.sample(range(len(made)), len(made) // 100):
        if not made[at].isdigit():
            made[at] = chr(seeded.randrange(0x4E00, 0x9FA5))
    return "".join(made)


def all_at_once(text: str, seeded: random.Random) -> str:
    return other_byline(other_headline(without(0.2)(text, seeded), seeded), seeded)


WAYS: dict[str, Callable[[str, random.Random], str]] = {
    "another headline": other_headline,
    "another byline": other_byline,
    "a tenth of the sentences cut": without(0.1),
    "a fifth of the sentences cut": without(0.2),
    "a third of the sentences cut": without(1 / 3),
    "half of the sentences cut": without(0.5),
    "one character of a hundred changed": misprints,
    "headline, byline and a fifth of the sentences": all_at_once,
}


def pairs_among(texts: list[str]) -> list[tuple[int, int]]:
    """(later, earlier) of all that are found to be reprints."""
    keys = [bands(shingles(text)) for text in texts]
    owners = np.repeat(np.arange(len(texts)), [len(found) for found in keys])
    shared = candidates(np.concatenate(keys), owners, frozenset(range(len(texts))))
    imprints = {n: Imprint.of(texts[n]) for n in {n for pair in shared for n in pair}}
    return [(a, b) for a, b in shared if imprints[a].resembles(imprints[b])]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--corpus", type=Path, default=SHARED / "corpus/news_2k.jsonl.xz")
    parser.add_argument("--cost", type=Path, help="only time this corpus")
    args = parser.parse_args()
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    print(" ".join(["python -m benchmarks.reprints", *sys.argv[1:]]))
    texts = texts_of(args.cost or args.corpus)
    cpu = time.process_time()
    within = pairs_among(texts)
    cpu = time.process_time() - cpu
    print(f"{len(texts)} articles: {len(within)} pairs, {cpu:.1f} CPU s\n")
    if args.cost:
        return
    originals = [n for n, text in enumerate(texts) if len(sentences(text)) >= 5][:ORIGINALS]
    print("| reprint with | recall | pairs found that are none |\n| --- | --- | --- |")
    for way, change in WAYS.items():
        seeded = random.Random(way)
        made = [change(texts[n], seeded) for n in originals]
        found = set(pairs_among(texts + made)) - set(within)
        right = {(len(texts) + at, n) for at, n in enumerate(originals)}
        # What resembles an original resembles its reprint: no mistake of its own.
        related = {n: {n} for n in originals}
        for a, b in within:
            related.setdefault(a, set()).add(b)
            related.setdefault(b, set()).add(a)
        false = 0
        for a, b in found - right:
            origin = originals[a - len(texts)]
            other = originals[b - len(texts)] if b >= len(texts) else b
            false += other not in related[origin]
        print(f"| {way} | {len(found & right) / len(right):.3f} | {false} |")
    print("\nin the corpus itself:")
    for a, b in within:
        print(f"- {texts[a][:60]!r}\n  {texts[b][:60]!r}")


if __name__ == "__main__":
    main()
