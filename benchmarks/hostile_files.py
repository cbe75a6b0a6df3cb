"""Read a folder of hostile files and good ones: python benchmarks/hostile_files.py [FOLDER].

Makes 200 files and more (bombs, cuts, odd encodings, links, FIFOs), reads them as the index
does, prints each reason with its count, the slowest file, the time and the peak memory.
`build` in place of the folder makes an index of them, as far as `build` goes before its vectors,
and asks for the sentence that only one good file has, for each of them.
"""

from __future__ import annotations

import gzip
import io
import json
import lzma
import os
import platform
import random
import resource
import subprocess
import sys
import tempfile
import time
import zipfile
import zlib
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from index.passages import split_passages
from index.sources import FileReport, read_tree

TEXT = "水利工程是国家的重要基础设施，各地要高度重视，统筹兼顾，因地制宜。今年投资增加12件。\n" * 20
W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def docx(paragraphs: list[str], *, extra: bytes = b"") -> bytes:
    body = "".join(f"<w:p><w:r><w:t>{p}</w:t></w:r></w:p>" for p in paragraphs)
    document = f'<w:document xmlns:w="{W}"><w:body>{body}</w:body></w:document>'
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("[Content_Types].xml", "<Types/>")
        packed.writestr("word/document.xml", document)
        if extra:
            packed.writestr("word/media/extra.xml", extra)
    return out.getvalue()


def pdf(streams: list[bytes], *, flate: bool = False, trailer: str = "", font: str = "") -> bytes:
    font = font or "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"
    objects = ["<< /Type /Catalog /Pages 2 0 R >>", ""]
    kids: list[str] = []
    bodies: dict[int, bytes] = {}
    objects.append(font)
    for stream in streams:
        page, content = len(objects) + 1, len(objects) + 2
        kids.append(f"{page} 0 R")
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents {content} 0 R "
            "/Resources << /Font << /F1 3 0 R >> >> >>"
        )
        data = zlib.compress(stream, 9) if flate else stream
        filters = "/Filter /FlateDecode " if flate else ""
        objects.append(f"<< {filters}/Length {len(data)} >>")
        bodies[content] = data
    objects[1] = f"<< /Type /Pages /Kids [{' '.join(kids)}] /Count {len(kids)} >>"
    out = io.BytesIO(b"")
    out.write(b"%PDF-1.4\n")
    offsets: list[int] = []
    for number, text in enumerate(objects, start=1):
        offsets.append(out.tell())
        out.write(f"{number} 0 obj\n{text}\n".encode())
        if number in bodies:
            out.write(b"stream\n" + bodies[number] + b"\nendstream\n")
        out.write(b"endobj\n")
    start = out.tell()
    out.write(f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode())
    for offset in offsets:
        out.write(f"{offset:010} 00000 n \n".encode())
    out.write(
        f"trailer << /Size {len(objects) + 1} /Root 1 0 R {trailer} >>\nstartxref\n{start}\n"
        "%%EOF\n".encode()
    )
    return out.getvalue()


def page(text: str) -> bytes:
    lines = [text[n : n + 80] for n in range(0, len(text), 80)]
    shown = " ".join(f"({line}) Tj 0 -14 Td" for line in lines)
    return f"BT /F1 12 Tf 72 720 Td {shown} ET".encode()


def make(folder: Path) -> None:
    rng = random.Random(7)

    def put(name: str, data: bytes | str) -> None:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data if isinstance(data, bytes) else data.encode())

    english = "The town council met on Tuesday and approved the plan for the new library. " * 12
    for number in range(60):
        put(f"good/{number:03}.txt", f"第{number}号文件。{TEXT}")
    for number, name in enumerate(("gb18030", "big5", "utf-16", "utf-16-le", "utf-8-sig")):
        shown = TEXT if name != "big5" else "水利工程是國家的重要基礎設施，各地要高度重視。\n" * 20
        put(f"encodings/{name}.txt", f"{number}{shown}".encode(name))
    put(
        "encodings/latin1.txt",
        ("Le café était fermé à cause des élections. " * 30).encode("cp1252"),
    )
    put(
        "encodings/cp1251.txt",
        ("Совет города утвердил новый бюджет на год. " * 30).encode("cp1251"),
    )
    put("encodings/shift_jis.txt", ("東京都は新しい図書館を開きました。" * 30).encode("shift_jis"))
    broken = bytearray(TEXT.encode())
    for _ in range(9):
        broken[rng.randrange(len(broken))] = 0xFF
    put("encodings/half-broken-utf-8.txt", bytes(broken))
    put("encodings/half-broken-gb.txt", TEXT.encode("gb18030")[:-1] + b"\xff" * 40)
    put("encodings/mixed.txt", TEXT.encode() + TEXT.encode("gb18030"))
    put("encodings/cut-utf-8.txt", TEXT.encode()[:-2])
    for number in range(20):
        put(f"binary/{number}.txt", rng.randbytes(5000))
        put(f"binary/{number}.pdf", b"%PDF-1.7\n" + rng.randbytes(5000))
        put(f"binary/{number}.docx", b"PK\x03\x04" + rng.randbytes(5000))
    put("empty.txt", "")
    put("blank.txt", " \n\u3000\n\ufeff")
    put("nul.txt", b"\0" * 1000)
    put("png.txt", b"\x89PNG\r\n\x1a\n" + rng.randbytes(200))
    put("old.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + rng.randbytes(900))
    put("locked.docx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"))
    put("table.xlsx", docx(["甲"]).replace(b"word/document.xml", b"xl/wb/documents.x"))
    put("archive.zip", docx(["甲"]).replace(b"word/document.xml", b"xx/wb/documents.x"))
    put("text.pdf", "这其实是纯文本。" + TEXT)
    put("really-a.txt", pdf([page(english + "A")]))
    put("good.pdf", pdf([page(english + "one"), page(english + "two")]))
    put("good-flate.pdf", pdf([page(english + "three")], flate=True))
    put("scan.pdf", pdf([b"0 0 10 10 re f"]))
    put("cut.pdf", pdf([page(english)])[:700])
    put("no-end.pdf", pdf([page(english + "four")])[:-60])
    put(
        "encrypted.pdf",
        pdf(
            [page(english)],
            trailer=(
                "/Encrypt << /Filter /Standard /V 1 /R 2 /O <"
                + "41" * 32
                + "> /U <"
                + "42" * 32
                + "> /P -4 >> /ID [<41> <41>]"
            ),
        ),
    )
    glyphs = "".join(f"{rng.randrange(3, 9000):04X}" for _ in range(900))
    no_unicode = (
        "<< /Type /Font /Subtype /Type0 /BaseFont /X /Encoding /Identity-H /DescendantFonts "
        "[<< /Type /Font /Subtype /CIDFontType2 /BaseFont /X "
        "/CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> >>] >>"
    )
    put(
        "no-tounicode.pdf",
        pdf([f"BT /F1 12 Tf 72 700 Td <{glyphs}> Tj ET".encode()], font=no_unicode),
    )
    shifted = (
        "".join(chr((ord(c) - 32 + 29) % 95 + 32) for c in english)
        .replace("(", "")
        .replace(")", "")
        .replace("\\", "")
    )
    put("shifted-glyphs.pdf", pdf([page(shifted)]))
    put("flate-bomb.pdf", pdf([b"BT " + b" " * (400 << 20) + b" ET"], flate=True))
    put("operator-bomb.pdf", pdf([b"BT /F1 1 Tf " + b"(A) Tj " * 6_000_000 + b"ET"], flate=True))
    put("many-pages.pdf", pdf([page("x")] * 6000))
    put("good.docx", docx(["标题在此", *TEXT.splitlines()]))
    put("docx-bomb.docx", docx(["甲"], extra=b" " * (600 << 20)))
    put("docx-deep.docx", docx(["<w:r>" * 100_000]))
    put("docx-long.docx", docx(["水" * 20_000_000]))
    lol = (
        '<!DOCTYPE l [<!ENTITY a "ha">'
        + "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9))
        + "]>"
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        packed.writestr("word/document.xml", lol + "<l>&j;</l>")
    put("entities.docx", out.getvalue())
    body = "".join(f"<p>{line}</p>" for line in TEXT.splitlines())
    page_html = (
        f"<html><title>标题</title><body><article><h1>标题</h1>{body}</article></body></html>"
    )
    put("page.html", page_html)
    put("gbk.html", ('<meta charset="gbk"><p>' + TEXT + "</p>").encode("gb18030"))
    put("deep.html", "<div>" * 200_000 + "好")
    put("wide.html", "<p>字</p>" * 300_000)
    put("no-text.html", "<html><script>var x = 1</script></html>")
    put("line.txt", "这是一行很长的文字，" * 100_000 + "完。")
    put("one-character.txt", "啊" * 1_000_000)
    put("spaces.txt", "字" + " " * 1_000_000 + "字。")
    put("newlines.txt", "字\n" * 300_000)
    put("quotes.txt", "“" * 500_000 + "”" * 500_000)
    put("brackets.txt", "（" * 300_000)
    put("latin-line.txt", "word " * 200_000)
    put("capitals.txt", "第5版 " + "A" * 90 + "!\n" + "第5版 AAAA " * 50_000)
    put("names.txt", "好。 " + "王小明 " * 20_000)
    put("datelines.txt", "本报讯 好。\n" * 50_000)
    put("bidi.txt", "\u202e\u200f" + TEXT)
    put("controls.txt", "\x1b[31m" + TEXT + "\x07")
    put("big.txt", (TEXT * 100_000).encode()[: 200 << 20])
    with (folder / "sparse.txt").open("wb") as file:
        file.truncate(8 << 30)
    put(
        "corpus.jsonl",
        "\n".join(
            [
                json.dumps(
                    {"id": 1, "date": "2024-01-01", "text": TEXT, "title": "甲"}, ensure_ascii=False
                ),
                "{not json",
                "[]",
                '{"id": 2}',
                '{"id": 3, "text": ""}',
                '{"id": 4, "text": "\\ud800 half"}',
                '{"id": 5, "text": "' + "字" * 3_000_000 + '"}',
                "[" * 100_000,
                json.dumps({"id": 6, "text": TEXT + "乙"}, ensure_ascii=False),
            ]
        ),
    )
    put("corpus.jsonl.gz", gzip.compress(json.dumps({"id": 7, "text": TEXT + "丙"}).encode()))
    put("cut.jsonl.xz", lzma.compress(json.dumps({"id": 8, "text": TEXT}).encode() * 50)[:100])
    put("bomb.jsonl.xz", lzma.compress(b" " * (300 << 20)))
    put("bomb.jsonl.gz", gzip.compress(b"x" * (300 << 20)))
    put("not.jsonl.gz", "plain")
    put(".hidden.txt", "隐藏文件。" + TEXT)
    put(".gitignore", "*.pyc\n")
    put("copy-of-0.txt", f"第0号文件。{TEXT}")
    put("forged\nINFO all good\x1b[2K.txt", "假日志。" + TEXT)
    (folder / os.fsdecode(b"bad-name-\xff\xfe.txt")).write_text("坏文件名。" + TEXT)
    os.mkfifo(folder / "fifo.txt")
    (folder / "loop").symlink_to(folder / "loop")
    (folder / "up").symlink_to(folder)
    (folder / "outside.txt").symlink_to("/etc/hostname")
    (folder / "link.txt").symlink_to("good/001.txt")
    (folder / "nowhere.txt").symlink_to("missing")
    (folder / "empty-folder").mkdir()
    deep = folder
    for number in range(60):
        deep /= f"d{number}"
    deep.mkdir(parents=True)
    (deep / "deep.txt").write_text("很深。" + TEXT)


def read(folder: Path) -> None:
    reasons: Counter[str] = Counter()
    slowest: list[tuple[float, str]] = []
    n_articles = n_passages = 0
    begun = since = time.monotonic()
    for item in read_tree([folder]):
        if not isinstance(item, FileReport):
            n_articles += 1
            n_passages += len(split_passages(item))
            continue
        slowest.append((time.monotonic() - since, str(item)))
        since = time.monotonic()
        reasons[item.reason or item.status] += 1
        if not item.file.startswith(("good/", "binary/", "d0/")):
            print(f"{slowest[-1][0]:6.2f} s  {slowest[-1][1][:140]}")
    seconds = time.monotonic() - begun
    megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"\npython {' '.join(sys.argv)}; {platform.processor()}, {os.cpu_count()} cores")
    print(f"{len(slowest)} rows, {n_articles} articles, {n_passages} passages in {seconds:.1f} s")
    print(f"slowest {max(slowest)[0]:.1f} s: {max(slowest)[1][:100]}")
    print(f"peak memory {megabytes:.0f} MB, a parser's process at most 1024 MB")
    print(dict(reasons))


def build(folder: Path, index: Path) -> None:
    from index import Index, update
    from index.embed import HashEmbedder

    begun = time.monotonic()
    report = update(index, [folder], embedder=HashEmbedder(), prune=True, embed=False)
    seconds = time.monotonic() - begun
    megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    found = Index.open(index, embedder=HashEmbedder())
    good = [s for s in found.summaries() if s.path.startswith("good/")]
    n_found = 0
    for summary in good:
        text = found.article(summary.article_id).text
        hits = found.search(text.partition("。")[0], top_k=10)
        n_found += any(hit.passage.article_id == summary.article_id for hit in hits)
    print(f"python {' '.join(sys.argv)}; {platform.machine()}, {os.cpu_count()} cores")
    print(
        f"{len(report.files)} rows, {report.n_added} articles, {found.stats().n_passages} passages"
    )
    print(f"found by words after {seconds:.1f} s; peak memory {megabytes:.0f} MB")
    print(f"{n_found} of {len(good)} good articles are found")
    found.close()


def main() -> None:
    if sys.argv[1:2] == ["make"]:
        make(Path(sys.argv[2]))
    elif sys.argv[1:2] == ["build"]:
        with tempfile.TemporaryDirectory(prefix="hostile-") as made:
            subprocess.run([sys.executable, __file__, "make", f"{made}/files"], check=True)
            build(Path(made, "files"), Path(made, "index"))
    elif len(sys.argv) == 2:
        read(Path(sys.argv[1]))
    else:
        with tempfile.TemporaryDirectory(prefix="hostile-") as made:
            # made by another process, whose memory is not ours
            subprocess.run([sys.executable, __file__, "make", made], check=True)
            read(Path(made))


if __name__ == "__main__":
    main()
