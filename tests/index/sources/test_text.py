"""Bytes become text only when it is clear which text they are."""

from __future__ import annotations

import codecs

import pytest

from index.sources.plausible import plausibility
from index.sources.report import Skipped
from index.sources.text import decode

CHINESE = "水利工程是国家的重要基础设施，各地要高度重视，统筹兼顾。\r\n今年投资增加12件。\n" * 8
TRADITIONAL = "水利工程是國家的重要基礎設施，各地要高度重視，統籌兼顧。\n" * 8


@pytest.mark.parametrize(
    ("text", "encoding", "named"),
    [
        (CHINESE, "utf-8", "utf-8"),
        (CHINESE, "utf-8-sig", "utf-8-sig"),  # the mark itself is not text
        (CHINESE, "utf-16", "utf-16"),
        (CHINESE, "utf-16-le", "utf-16-le"),  # without a mark
        (CHINESE, "utf-16-be", "utf-16-be"),
        (CHINESE, "gb18030", "gb18030"),
        (TRADITIONAL, "big5", "big5"),
        ("plain English, nothing else\n", "ascii", "utf-8"),
    ],
)
def test_the_encoding_is_found_and_no_character_changes(
    text: str, encoding: str, named: str
) -> None:
    assert decode(text.encode(encoding)) == (text, named)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b" \r\n\t", "empty"),
        ("\ufeff\u3000\n".encode(), "empty"),
        (b"\0" * 50, "binary"),
        (bytes(range(256)) * 4, "binary"),
        (CHINESE.encode()[:-200] + b"\xff\xfe" + CHINESE.encode(), "encoding"),  # a few bytes lost
        (CHINESE.encode()[:-1][:-1] + b"\xe4", "encoding"),  # cut in a character
        (codecs.BOM_UTF16_LE + b"\0\xd8\0", "encoding"),
        (CHINESE.encode() + CHINESE.encode("gb18030"), "encoding"),  # two files in one
    ],
)
def test_what_cannot_be_text_is_skipped_with_its_reason(data: bytes, reason: str) -> None:
    with pytest.raises(Skipped) as skipped:
        decode(data)
    assert skipped.value.reason == reason


@pytest.mark.parametrize(("true", "false"), [("gb18030", "big5"), ("utf-8", "gb18030")])
def test_text_read_in_a_false_encoding_does_not_look_like_text(true: str, false: str) -> None:
    garbled = CHINESE.replace("\r\n", "").encode(true).decode(false, "replace")
    assert plausibility(garbled) < 0.8 < plausibility(CHINESE)
