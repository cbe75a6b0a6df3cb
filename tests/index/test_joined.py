"""Characters keep their place in the source, however the text is put together."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from index.joined import Joined
from index.schema import Span

SOURCE = "".join(chr(0x4E00 + n) for n in range(40))


@given(st.lists(st.sampled_from(["take", "leave", "stand in", "drop"]), min_size=1, max_size=40))
def test_a_span_goes_to_the_source_and_back(steps: list[str]) -> None:
    joined, offsets, signs = Joined(SOURCE), list[int](), list[str]()
    for at, step in enumerate(steps):
        if step == "take":
            joined.take(at, at + 1)
        elif step == "stand in":
            joined.stand_in(at, " ")
        elif step == "drop" and offsets:
            joined.drop_last()
            offsets.pop()
            signs.pop()
        if step in ("take", "stand in"):
            offsets.append(at)
            signs.append(SOURCE[at] if step == "take" else " ")
    assert joined.text == "".join(signs)
    assert joined.size == len(offsets)
    if not offsets:
        return
    assert [joined.alignment.offset_to_source(n) for n in range(joined.size)] == offsets
    for start in range(joined.size):
        for end in range(start + 1, joined.size + 1):
            source = joined.alignment.to_source(Span(start, end))
            assert joined.to_article(source.start, source.end) == Span(start, end)


def test_what_was_left_out_goes_to_what_was_taken_next() -> None:
    joined = Joined(SOURCE)
    joined.take(2, 5)
    joined.take(8, 10)
    assert joined.to_article(0, 10) == Span(0, 5)
    assert joined.to_article(6, 9) == Span(3, 4)
