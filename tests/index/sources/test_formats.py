"""PDF, DOCX, EPUB and HTML: their text, and what their bombs and locks come to."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from index.schema import Source, squeeze
from index.sources import Limits, Skipped, read_sources
from index.sources.child import ParsedFormat, Parser

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
WORDS = "The town council met on Tuesday and approved the plan for the library. "


@pytest.fixture(scope="module")
def parser() -> Iterator[Parser]:
    made = Parser(Limits(memory_bytes=700 << 20))
    yield made
    made.close()


def zipped(members: dict[str, str | bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, data in members.items():
            packed.writestr(name, data)
    return out.getvalue()


def docx(body: str) -> bytes:
    return zipped(
        {"word/document.xml": f'<w:document xmlns:w="{W}"><w:body>{body}</w:body></w:document>'}
    )


def paragraph(text: str) -> str:
    return f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>"


def pdf(*pages: bytes, trailer: str = "", font: str = "") -> bytes:
    """A PDF of those content streams."""
    font = font or "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"
    numbers = [4 + 2 * n for n in range(len(pages))]
    kids = " ".join(f"{n} 0 R" for n in numbers)
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>".encode(),
        font.encode(),
    ]
    for number, stream in zip(numbers, pages, strict=True):
        data = zlib.compress(stream)
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents {number + 1} 0 R "
            "/Resources << /Font << /F1 3 0 R >> >> >>".encode()
        )
        objects.append(
            f"<< /Filter /FlateDecode /Length {len(data)} >>\nstream\n".encode()
            + data
            + b"\nendstream"
        )
    out = b"%PDF-1.4\n"
    offsets: list[int] = []
    for number, body in enumerate(objects, start=1):
        offsets.append(len(out))
        out += f"{number} 0 obj\n".encode() + body + b"\nendobj\n"
    table = "".join(f"{offset:010} 00000 n \n" for offset in offsets)
    size = len(objects) + 1
    table = f"xref\n0 {size}\n0000000000 65535 f \n{table}"
    end = f"trailer << /Size {size} /Root 1 0 R {trailer} >>\n"
    return out + f"{table}{end}startxref\n{len(out)}\n%%EOF\n".encode()


def shown(*lines: str) -> bytes:
    return (
        "BT /F1 12 Tf 72 720 Td " + " ".join(f"({x}) Tj 0 -14 Td" for x in lines) + " ET"
    ).encode()


EPUB = {
    "mimetype": "application/epub+zip",
    "META-INF/container.xml": '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container">'
    '<rootfiles><rootfile full-path="OEBPS/c.opf"/></rootfiles></container>',
    "OEBPS/c.opf": '<package xmlns="http://www.idpf.org/2007/opf">'
    '<metadata xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>书名</dc:title>'
    "<dc:creator>李华</dc:creator></metadata>"
    '<manifest><item id="b" href="b.xhtml"/><item id="a" href="a%20a.xhtml"/></manifest>'
    '<spine><itemref idref="a"/><itemref idref="b"/></spine></package>',
    "OEBPS/a a.xhtml": "<html><body><h1>第一章</h1><p>甲<b>乙</b>。</p><script>x()</script></body>"
    "</html>",
    "OEBPS/b.xhtml": "<html><body><p>丙&amp;丁。</p></body></html>",
}


def test_a_pdf_gives_its_text_page_by_page(parser: Parser) -> None:
    found = parser.extract("pdf", pdf(shown(WORDS, "one"), shown(WORDS, "two")))
    first, second = found.page_starts
    assert squeeze(found.text[first:second]) == squeeze(WORDS + "one")
    assert squeeze(found.text[second:]) == squeeze(WORDS + "two")


def test_a_line_break_in_a_docx_ends_the_line(parser: Parser) -> None:
    broken = "<w:p><w:r><w:t>甲</w:t><w:br/><w:t>乙</w:t><w:tab/><w:t>丙</w:t><w:cr/></w:r></w:p>"
    assert parser.extract("docx", docx(broken + paragraph("丁"))).text == "甲\n乙 丙\n丁"


def test_no_module_that_lies_beside_the_articles_is_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("index.py", "json.py", "lxml.py"):
        (tmp_path / name).write_text("raise SystemExit(3)")
    monkeypatch.chdir(tmp_path)
    fresh = Parser(Limits(memory_bytes=700 << 20))
    assert fresh.extract("docx", docx(paragraph("甲"))).text == "甲"
    fresh.close()


def test_a_docx_gives_a_line_a_paragraph(parser: Parser) -> None:
    table = f"<w:tbl><w:tr><w:tc>{paragraph('格')}</w:tc></w:tr></w:tbl>"
    deleted = (
        "<w:p><w:del><w:r><w:delText>删</w:delText></w:r></w:del><w:r><w:t>留</w:t></w:r></w:p>"
    )
    found = parser.extract("docx", docx(paragraph("甲&amp;乙") + table + deleted))
    assert found.text == "甲&乙\n格\n留"


def test_an_epub_gives_its_chapters_in_reading_order(parser: Parser) -> None:
    found = parser.extract("epub", zipped(dict(EPUB)))
    assert found.text == "第一章\n甲乙。\n丙&丁。"
    assert (found.title, found.authors) == ("书名", ("李华",))


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_an_html_page_gives_its_paragraphs_without_scripts(parser: Parser, encoding: str) -> None:
    line = "写的是水利工程，内容各不相同，篇幅也不短，请仔细阅读。"
    body = "".join(f"<p>第{n}段{line}</p>" for n in range(9))
    page = (
        f'<html><head><meta charset="{encoding}"><title>题</title></head><body>'
        f"<script>var x</script><article>{body}</article></body></html>"
    )
    found = parser.extract("html", page.encode(encoding))
    assert found.text.count("请仔细阅读。") == 9
    assert "var" not in found.text


NO_TO_UNICODE = (
    "<< /Type /Font /Subtype /Type0 /BaseFont /X /Encoding /Identity-H /DescendantFonts [<< /Type "
    "/Font /Subtype /CIDFontType2 /BaseFont /X /CIDSystemInfo << /Registry (Adobe) /Ordering "
    "(Identity) /Supplement 0 >> >>] >>"
)
GLYPHS = "".join(f"{(n * 7919) % 9000 + 3:04X}" for n in range(600))
ENTITIES = '<!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><l>&b;</l>'
DRM = (
    '<encryption xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><EncryptedData '
    'xmlns="http://www.w3.org/2001/04/xmlenc#"><EncryptionMethod '
    'Algorithm="http://www.w3.org/2001/04/xmlenc#aes128-cbc"/></EncryptedData></encryption>'
)
LOCK = (
    f"/Encrypt << /Filter /Standard /V 1 /R 2 /O <{'41' * 32}> /U <{'42' * 32}> /P -4 >> "
    "/ID [<41> <41>]"
)


@pytest.mark.parametrize(
    ("kind", "data", "reason"),
    [
        ("pdf", pdf(b"0 0 9 9 re f"), "no-text"),  # a scan
        ("pdf", pdf(f"BT /F1 9 Tf <{GLYPHS}> Tj ET".encode(), font=NO_TO_UNICODE), "no-text"),
        ("pdf", pdf(shown(WORDS), trailer=LOCK), "encrypted"),
        ("pdf", b"%PDF-1.7\nnothing else", "malformed"),
        ("docx", docx(paragraph(" ")), "no-text"),
        ("docx", docx(paragraph("甲"))[:-30], "malformed"),
        ("docx", zipped({"other.xml": "<a/>"}), "malformed"),
        ("docx", zipped({"word/document.xml": ENTITIES}), "zip-bomb"),
        ("docx", zipped({"word/document.xml": "<a/>", "x": bytes(50 << 20)}), "zip-bomb"),
        ("epub", zipped({**EPUB, "META-INF/encryption.xml": DRM}), "encrypted"),
        ("epub", zipped({**EPUB, "META-INF/container.xml": "<a/>"}), "malformed"),
        ("html", b"<html><script>var x = 1</script></html>", "no-text"),
        ("html", b"  ", "empty"),
    ],
)
def test_what_gives_no_text_says_why(
    parser: Parser, kind: ParsedFormat, data: bytes, reason: str
) -> None:
    with pytest.raises(Skipped) as skipped:
        parser.extract(kind, data)
    assert skipped.value.reason == reason


def test_a_parser_over_its_time_or_memory_is_ended_and_the_next_file_read() -> None:
    slow = Parser(Limits(seconds=0.01))
    with pytest.raises(Skipped) as skipped:
        slow.extract("docx", docx(paragraph("甲")))
    assert skipped.value.reason == "timeout"
    slow.close()
    small = Parser(Limits(memory_bytes=100 << 20, seconds=300))
    many = "".join(paragraph(str(n * n)) for n in range(200_000))
    with pytest.raises(Skipped) as skipped:
        small.extract("docx", docx(many))
    assert skipped.value.reason == "too-complex"
    assert small.extract("docx", docx(paragraph("乙"))).text == "乙"
    small.close()


def test_a_source_says_what_took_its_text_out(tmp_path: Path) -> None:
    (tmp_path / "a.docx").write_bytes(docx(paragraph("甲。")))
    (source,) = read_sources(tmp_path / "a.docx", root=tmp_path)
    assert isinstance(source, Source)
    assert (source.format, source.encoding, source.text) == ("docx", None, "甲。")
    assert source.extractor is not None
    assert source.extractor.startswith("wenju docx")
