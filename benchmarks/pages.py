"""How often made-up newspaper pages come apart wrongly: python benchmarks/pages.py [N]

N pages (200) of each kind, composed as tests/index/test_pages.py does but in all layouts, also
those that do not show where an article begins. Prints failures, and how many ends of paragraphs
were found and how many were false, by the way paragraphs are indented.
"""

from __future__ import annotations

import importlib.util
import platform
import random
import sys
import time
from collections import Counter, defaultdict
from dataclasses import replace
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from index.schema import squeeze  # noqa: E402


def load_generator() -> Any:
    spec = importlib.util.spec_from_file_location(
        "made_pages", ROOT / "tests" / "index" / "test_pages.py"
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["made_pages"] = module
    spec.loader.exec_module(module)
    return module


made_pages = load_generator()
BOTH = ("before", "after")
KINDS = {
    "datelines": (BOTH, made_pages.DATELINES, made_pages.BYLINES),
    "bylines under headlines": (("before",), ("", "本报讯 "), made_pages.UNDER_HEADLINE),
    "closing bylines alone": (BOTH, ("",), made_pages.BYLINES),
    "one without headline": (BOTH, made_pages.DATELINES, made_pages.BYLINES),
    "two papers in a file": (BOTH, made_pages.DATELINES, made_pages.BYLINES),
}
INDENTS = {"printed": ("\u3000\u3000", "    "), "lost": ("lost",), "none": ("",)}


def layout(rng: random.Random, kind: str, indents: tuple[str, ...]) -> Any:
    headlines, datelines, bylines = KINDS[kind]
    return made_pages.Layout(
        headline=rng.choice(headlines),
        dateline=rng.choice(datelines),
        byline=rng.choice(bylines),
        width=rng.randint(12, 32),
        blanks=rng.randint(0, 2),
        indent=rng.choice(indents),
        break_page=rng.random() < 0.5,
    )


def ends(paragraphs: list[str]) -> set[int]:
    places: set[int] = set()
    size = 0
    for paragraph in paragraphs[:-1]:
        size += len(squeeze(paragraph))
        places.add(size)
    return places


def main() -> None:
    n_pages = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    wrong: dict[str, Counter[str]] = defaultdict(Counter)
    paragraphs: dict[str, Counter[str]] = defaultdict(Counter)
    begun = time.process_time()
    for kind in KINDS:
        for indent, signs in INDENTS.items():
            for seed in range(n_pages):
                rng = random.Random(seed)
                parts: list[tuple[list[Any], Any]] = []
                for _ in range(2 if kind == "two papers in a file" else 1):
                    chosen = layout(rng, kind, signs)
                    made = made_pages.make_page(rng.random(), rng.randint(3, 5), chosen)
                    if kind == "one without headline":
                        made[1] = replace(made[1], kicker=None, title=())
                    parts.append((made, chosen))
                text = "\n".join(made_pages.print_page(made, chosen) for made, chosen in parts)
                found = made_pages.read_page(text)
                expected = [(m, chosen) for made, chosen in parts for m in made]
                titles = [(m.kicker, " ".join(m.title) or None) for m, _ in expected]
                if [(a.kicker, a.title) for a in found] != titles:
                    wrong[kind][indent] += 1
                    continue
                for article, (m, _) in zip(found, expected, strict=True):
                    if kind != "datelines":
                        break
                    body = [m.dateline + m.paragraphs[0], *m.paragraphs[1:]]
                    size = len(squeeze("".join(body)))
                    lines = [p for p in made_pages.body_of(article).split("\n") if p]
                    true, seen = ends(body), {e for e in ends(lines) if e < size}
                    paragraphs[indent].update(
                        true=len(true), found=len(true & seen), false=len(seen - true)
                    )
    print(f"python {' '.join(sys.argv)}; {platform.machine()}")
    for kind in KINDS:
        print(f"{kind}: wrong of {n_pages}, by indent: {dict(wrong[kind])}")
    for indent, counts in paragraphs.items():
        print(f"paragraph ends, indent {indent}: {dict(counts)}")
    print(f"{time.process_time() - begun:.0f} s of processor time")


if __name__ == "__main__":
    main()
