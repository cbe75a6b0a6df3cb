from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.reading.quantities import compatible, quantities


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("减少了72天", [("72", "天")]),
        ("107 个工作日", [("107", "工作日")]),
        ("百分之四十", [("40", "%")]),
        ("四成", [("40", "%")]),
        ("三分之一", [("1/3", None)]),
        ("1,234.5亿元", [("123450000000", "元")]),
        ("1000多万元", [("10000000", "元")]),
        ("3.5万亿", [("3500000000000", None)]),
        ("一千二百三十四人", [("1234", "人")]),
        ("二〇二三年", [("2023", "年")]),
        ("2023-08-17", [("2023", "年"), ("8", "月"), ("17", "日")]),
        ("august 3", [("8", "月"), ("3", None)]),
        ("two million yuan", [("2000000", "元")]),
        ("c919和iphone15", []),
        ("第三批", [("3", "第")]),
        ("3至5天", [("3", None), ("5", "天")]),
    ],
)
def test_a_number_is_read_with_its_unit(text: str, expected: list[tuple[str, str | None]]) -> None:
    found = [(quantity.value, quantity.unit) for quantity in quantities(text)]
    assert found == [(Fraction(value), unit) for value, unit in expected]


@given(st.text(max_size=80))
def test_spans_lie_in_the_text_in_order(text: str) -> None:
    end = 0
    for quantity in quantities(text):
        assert end <= quantity.span.start < quantity.span.end <= len(text)
        end = quantity.span.end


@given(st.integers(1, 9999), st.sampled_from(["天", "元", "户", "公里"]))
def test_a_unit_parts_numbers_and_none_does_not(value: int, unit: str) -> None:
    (with_unit,) = quantities(f"{value}{unit}")
    (other,) = quantities(f"{value}秒")
    (bare,) = quantities(f"{value}")
    assert compatible(with_unit, bare)
    assert not compatible(with_unit, other)
