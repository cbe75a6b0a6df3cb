"""From the format before to this one: what an index lacks is made from what it has.

Readers take both formats as they are; a writer migrates in its draft, so a
migration is committed or given up with the write that it belongs to.

Format 2 (2026-11): articles know their reprints; format 1 had no tables for it.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from index.catalogue import Catalogue
from index.manifest import FORMAT, Manifest
from index.reprints import bands, shingles
from index.segment import CatalogueWriter, mark_reprints

_IN_FORMAT_1 = ("sources", "articles", "passages")


def migrate(folder: Path, manifest: Manifest, name: Callable[[str, str], str]) -> Manifest:
    """Write the segments of format 1 again, as they are today; words and vectors stay.

    Args:
        folder: of the draft; it holds links to the files of the generation before.
        name: gives a file name that was never used, from a kind and a suffix.
    """
    dead = frozenset(manifest.dead)
    segments = list(manifest.segments)
    with ExitStack() as stack:
        done: list[Catalogue] = []
        for at, segment in enumerate(segments):
            old = Catalogue(folder / segment.file)
            file = name("articles", "sqlite")
            writer = CatalogueWriter(folder / file)
            writer.copy(old, dead=frozenset(), tables=_IN_FORMAT_1)
            old.close()
            texts = {n: writer.text(n) for n in writer.article_numbers() if n not in dead}
            found = {number: bands(shingles(text or "")) for number, text in texts.items()}
            mark_reprints(writer, found, done, dead=dead)
            writer.close()
            (folder / segment.file).unlink()
            segments[at] = replace(segment, file=file)
            done.append(Catalogue(folder / file))
            stack.callback(done[-1].close)
    return replace(manifest, segments=tuple(segments), format=FORMAT)
