"""The page of a PDF as a picture, drawn from the file that was indexed, if it still is that file.

    python -m qa.web.pagepicture PAGE < file.pdf > page.png

PDFs are others' files: a child process draws, with limits on time and memory.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

from index.schema import Article
from index.sources.child import ended, started

_LONGEST_SIDE = 1600  # pixels
_FILE_MOST = 64 * 1024 * 1024  # bytes
_PICTURE_MOST = 8 * 1024 * 1024  # bytes
_SECONDS = 10
_MEMORY = 1 << 30  # bytes


def file_of(index: object, article_id: str) -> Path | None:
    """None: an index in a database does not know files."""
    find = getattr(index, "file_of", None)
    return find(article_id) if find is not None else None


def has_pages(article: Article, file: Path | None) -> bool:
    """Whether pictures can be asked for: the article is a PDF's, and the file is there."""
    return article.source.format == "pdf" and file is not None and file.is_file()


def draw(article: Article, file: Path | None, page: int) -> bytes | None:
    """PNG; None: the file is gone, is another one now, has no such page or cannot be drawn.

    Args:
        file: where the article's source was read from, as the index keeps it.
        page: from 1.
    """
    if file is None or not has_pages(article, file):
        return None
    if not 1 <= page <= len(article.source.page_starts):
        return None
    try:
        if file.stat().st_size > _FILE_MOST:
            return None
        data = file.read_bytes()
    except OSError:
        return None
    if hashlib.sha256(data).hexdigest() != article.source.sha256:
        return None
    child = started("qa.web.pagepicture", str(page))
    try:
        picture, _ = child.communicate(data, timeout=_SECONDS)
    except subprocess.TimeoutExpired:
        return None
    finally:
        ended(child)
    if child.returncode or not picture or len(picture) > _PICTURE_MOST:
        return None
    return picture


def _main(page: int) -> int:
    """In the child."""
    import resource

    import pypdfium2

    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (_SECONDS, _SECONDS))
    document = pypdfium2.PdfDocument(sys.stdin.buffer.read())
    sheet = document[page - 1]
    scale = _LONGEST_SIDE / max(1.0, *sheet.get_size())
    picture = sheet.render(scale=scale).to_pil().convert("RGB")  # pyright: ignore[reportArgumentType] scale may be a float
    picture.quantize(colors=64).save(sys.stdout.buffer, "PNG", optimize=True)
    return 0


if __name__ == "__main__":
    sys.exit(_main(int(sys.argv[1])))
