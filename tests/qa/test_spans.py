from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.schema import Span
from qa.asking.kinds import Kind
from qa.reading.spans import (
    clauses,
    is_broken,
    listed,
    outermost,
    paired,
    trim,
    typed_spans,
    whole_list,
)


def words(text: str, spans: list[Span]) -> list[str]:
    return [span.of(text) for span in spans]


@pytest.mark.parametrize(
    ("text", "items"),
    [
        ("造纸、煤机、化工三条产业链", ["造纸", "煤机", "化工"]),
        ("25万元、20万元", ["25万元", "20万元"]),
        ("北京、上海和广州", ["北京", "上海", "广州"]),
        ("北京和平里", ["北京和平里"]),  # no list: 和 alone cuts nothing
        ("《红与黑》、《飘》等", ["《红与黑》", "《飘》"]),
        ("Beijing, Shanghai and Paris", ["Beijing", "Shanghai", "Paris"]),
        ("1,000 people", ["1,000 people"]),  # a comma inside a number
        ("“安商、亲商、重商”的环境", ["“安商、亲商、重商”的环境"]),  # inside quotes
        ("", []),
        ("、、", []),
        ("212处路段、129座停车场、56条林间路", ["212处路段", "129座停车场", "56条林间路"]),
        ("机关、中小学校、高等院校", ["机关", "中小学校", "高等院校"]),  # 等 closes nothing
        ("一等奖、二等奖、三等奖", ["一等奖", "二等奖", "三等奖"]),
        ("“专记”“日照港”“开发区”", ["“专记”", "“日照港”", "“开发区”"]),
        ("《节日序曲》《飘》和《红与黑》", ["《节日序曲》", "《飘》", "《红与黑》"]),
        ("东区、仁和区、盐边县", ["东区", "仁和区", "盐边县"]),
        ("阿尔及利亚、马里和乍得", ["阿尔及利亚", "马里", "乍得"]),
        ("一是救灾、救急，二是支持教育", ["一是救灾、救急", "二是支持教育"]),
        ("降1.5%，2.5%、3%", ["降1.5%，2.5%", "3%"]),  # a decimal numbers nothing
    ],
)
def test_a_list_falls_into_its_items(text: str, items: list[str]) -> None:
    assert words(text, listed(text)) == items


@pytest.mark.parametrize(
    ("text", "kind", "found"),
    [
        ("调至2.25%-2.50%", "number", ["2.25%-2.50%", "2.25%", "2.50%"]),
        ("2至3个工作日办结", "number", ["2至3个工作日", "2", "3个工作日"]),
        ("上调25个基点至2.5%", "number", ["25个基点", "2.5%"]),  # two values, no range
        ("由107天减至35天", "number", ["107天", "35天"]),
        ("9月2日至6日", "date", ["9月2日至6日", "9月2日", "6日"]),
        ("5-6月份", "date", ["5-6月份"]),
        ("7月13日凌晨5时许", "date", ["7月13日凌晨5时许", "7月13日"]),
        ("已连续6个季度", "number", ["6个季度"]),
        ("第3届", "number", []),
        ("装机3746万千瓦", "number", ["3746万千瓦"]),  # 万, not 万千
        ("雨量100～220毫米", "number", ["100～220毫米", "100", "220毫米"]),
        ("长5175mm，重24.5kg", "number", ["5175mm", "24.5kg"]),
        ("近三成办了八期，收到一百万", "number", ["三成", "八期", "一百万"]),
        ("占三分之一", "number", ["三分之一"]),
        ("總投資１２．５億美元，72個工作日", "number", ["１２．５億美元", "72個工作日"]),
        ("成立三成员国一起处理8处理器", "number", ["8"]),
        ("1.2万多股民", "number", ["1.2万多"]),
        ("九月底到十月三日", "date", ["九月底到十月三日", "九月底", "十月三日"]),
        ("周一至周五开放，一周一次", "date", ["周一至周五", "周一", "周五"]),
    ],
)
def test_values_with_their_ranges_hours_and_units(text: str, kind: Kind, found: list[str]) -> None:
    assert words(text, typed_spans(text, kind)) == found


@pytest.mark.parametrize(
    "text",
    ["$2.5 trillion", "35 percentage points", "72 working days", "40 hectares", "1.5 billion yuan"],
)
def test_an_english_number_is_whole(text: str) -> None:
    sentence = f"In all it was {text} of what there had been."
    assert words(sentence, outermost(typed_spans(sentence, "number"))) == [text]


@pytest.mark.parametrize(
    ("text", "count", "items"),
    [
        ("书法和绘画、摄影、剪纸", 3, ["书法和绘画", "摄影", "剪纸"]),
        ("书法和绘画、摄影、剪纸", 4, ["书法", "绘画", "摄影", "剪纸"]),
        ("书法和绘画", 2, ["书法", "绘画"]),
        ("书法和绘画", 3, ["书法和绘画"]),
    ],
)
def test_the_number_asked_for_tells_what_and_separates(
    text: str, count: int, items: list[str]
) -> None:
    assert words(text, listed(text, count)) == items


@pytest.mark.parametrize(
    ("text", "inside", "whole"),
    [
        ("开设书法、绘画、摄影等课程", "绘画", "绘画、摄影"),  # where the first begins is not known
        ("课程：书法、绘画、摄影，免费", "绘画", "书法、绘画、摄影"),
        ("只开设书法。", "书法", "书法"),
    ],
)
def test_an_item_is_completed_to_its_list(text: str, inside: str, whole: str) -> None:
    start = text.index(inside)
    assert whole_list(text, Span(start, start + len(inside))).of(text) == whole


@pytest.mark.parametrize(
    ("inside", "broken"),
    [("书法", True), ("书法、绘画", False), ("“夜校", True), ("“夜校”", False)],
)
def test_half_a_list_and_half_a_quotation_are_broken(inside: str, broken: bool) -> None:
    text = "这所“夜校”有：书法、绘画"
    start = text.index(inside)
    assert is_broken(text, Span(start, start + len(inside))) is broken


@pytest.mark.parametrize(
    ("text", "kind", "expected"),
    [
        ("比法定107个工作日减少了72天", "number", ["107个工作日", "72天"]),
        ("第4天就开工", "number", []),  # an ordinal counts nothing
        ("增长7%，达到1.9亿吨", "number", ["7%", "1.9亿吨"]),
        ("1963年5月8日开馆", "date", ["1963年5月8日"]),
        ("on 8 May 2023 it opened", "date", ["8 May 2023"]),
        ("馆长周明远说", "person", []),
    ],
)
def test_numbers_and_dates_are_found_with_their_units(
    text: str, kind: str, expected: list[str]
) -> None:
    assert words(text, typed_spans(text, kind)) == expected  # type: ignore[arg-type]


@given(st.text(alphabet="a1年月日天，。、（）《》“” \n第亿%,", max_size=60))
def test_every_span_lies_in_its_text_and_is_trimmed(text: str) -> None:
    for kind in ("number", "date"):
        for span in typed_spans(text, kind):
            assert span.of(text) == span.of(text).strip(" \n，。、")
    for span in clauses(text) + listed(text):
        assert span.of(text).strip()


@given(st.text(alphabet="a（）《》“”，。 ", min_size=1, max_size=12))
def test_trimming_never_grows_a_span_and_is_done_once(text: str) -> None:
    span = trim(text, Span(0, len(text)))
    if span is not None:
        assert trim(text, span) == span


@pytest.mark.parametrize(
    ("text", "given", "whole"),
    [
        ("出自《武松》。", "《武松", "《武松》"),
        ("虎林（今贵池市）人", "虎林（今贵池市", "虎林（今贵池市）"),
        ("风格的车站」（图）", "风格的车站」（", "风格的车站"),  # what opens last closes too late
        ("登上“观云”轮检查", "观云”轮", "“观云”轮"),
        ("（在北京）举行", "北京", "北京"),  # opened outside
        ("北京。", "北京。", "北京"),
    ],
)
def test_brackets_are_taken_in_pairs(text: str, given: str, whole: str) -> None:
    start = text.index(given)
    span = paired(text, Span(start, start + len(given)))
    assert span is not None
    assert span.of(text) == whole
