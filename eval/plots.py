"""Plots as inline SVG: no script, no font, no request; they print and scale.

Colours come from the page (`--series-0` …), so that dark pages and paper get
theirs; every series also has a dash of its own, for those who see no colours.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

_WIDTH, _HEIGHT = 340, 240
_LEFT, _RIGHT, _TOP, _BOTTOM = 44, 12, 12, 40
_DASHES = ("", "6 3", "2 3", "8 3 2 3")


@dataclass(frozen=True, slots=True)
class Series:
    """Points in data units, x rising."""

    name: str
    points: Sequence[tuple[float, float]]
    dots: bool = False


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar with the interval of its value where there is one."""

    label: str
    value: float
    low: float | None = None
    high: float | None = None
    note: str = ""


def lines(
    title: str,
    series: Sequence[Series],
    *,
    x_label: str,
    y_label: str,
    x_ticks: Sequence[float] = (0, 0.25, 0.5, 0.75, 1),
    x_max: float = 1.0,
    diagonal: bool = False,
) -> str:
    """Lines over [0, x_max] × [0, 1]."""

    def at(x: float, y: float) -> str:
        return f"{_x(x / x_max):.1f},{_y(y):.1f}"

    parts = [_axes(x_label, y_label)]
    for tick in x_ticks:
        x = _x(tick / x_max)
        parts.append(
            f'<text class="tick" x="{x:.1f}" y="{_HEIGHT - _BOTTOM + 14}" '
            f'text-anchor="middle">{tick:g}</text>'
        )
    if diagonal:
        parts.append(f'<polyline class="diagonal" points="{at(0, 0)} {at(x_max, 1)}"/>')
    for number, each in enumerate(series):
        style = f"stroke:var(--series-{number % 4})"
        dash = f' stroke-dasharray="{_DASHES[number % 4]}"' if _DASHES[number % 4] else ""
        points = " ".join(at(x, y) for x, y in _thinned(each.points))
        parts.append(f'<polyline class="line" style="{style}"{dash} points="{points}"/>')
        if each.dots or len(each.points) == 1:
            fill = f"fill:var(--series-{number % 4})"
            for x, y in each.points:
                parts.append(
                    f'<circle style="{fill}" r="3" cx="{_x(x / x_max):.1f}" cy="{_y(y):.1f}">'
                    f"<title>{escape(each.name)}: {x:.3g}, {y:.3f}</title></circle>"
                )
    described = "; ".join(
        f"{each.name}: " + ", ".join(f"{x:.2g} → {y:.2f}" for x, y in _some(each.points))
        for each in series
    )
    return _figure(title, described, parts, _WIDTH, _HEIGHT, [each.name for each in series])


def bars(title: str, groups: Sequence[tuple[str, Sequence[Bar]]], *, unit: str = "") -> str:
    """Horizontal bars, one group for each run; values in [0, 1], or scaled to the greatest."""
    labels = list(dict.fromkeys(bar.label for _, group in groups for bar in group))
    top = max(
        [1.0] if not unit else [bar.high or bar.value for _, g in groups for bar in g], default=1.0
    )
    row, left = 14 * max(1, len(groups)) + 8, 104
    height = row * len(labels) + 12
    wide = _WIDTH - left - (118 if unit else 64)  # room for the figures
    parts: list[str] = []
    for position, label in enumerate(labels):
        y = position * row + 8
        parts.append(
            f'<text class="label" x="{left - 6}" y="{y + row / 2 - 1:.1f}" '
            f'text-anchor="end">{escape(label)}</text>'
        )
        for number, (name, group) in enumerate(groups):
            for bar in group:
                if bar.label == label:
                    parts += _bar(bar, name, number, left, y + 14 * number, wide / top, unit)
    described = "; ".join(
        f"{name}: " + ", ".join(f"{bar.label} {_told(bar.value, unit)}" for bar in group)
        for name, group in groups
    )
    return _figure(title, described, parts, _WIDTH, height, [name for name, _ in groups])


def _bar(
    bar: Bar, name: str, number: int, left: float, y: float, scale: float, unit: str
) -> list[str]:
    end = left + bar.value * scale
    told = escape(f"{name}: {bar.label} {_told(bar.value, unit)} {bar.note}")
    rectangle = (
        f'<rect style="fill:var(--series-{number % 4})" x="{left}" y="{y:.1f}" '
        f'width="{max(0.5, bar.value * scale):.1f}" height="11"><title>{told}</title></rect>'
    )
    parts = [rectangle]
    if bar.low is not None and bar.high is not None:
        middle = y + 5.5
        parts.append(
            f'<path class="whisker" d="M{left + bar.low * scale:.1f} {middle}'
            f'H{left + bar.high * scale:.1f}"/>'
        )
        end = max(end, left + bar.high * scale)
    parts.append(
        f'<text class="tick" x="{end + 5:.1f}" y="{y + 9.5:.1f}">'
        f"{_told(bar.value, unit)}{' · ' + escape(bar.note) if bar.note else ''}</text>"
    )
    return parts


def _told(value: float, unit: str) -> str:
    return f"{value:.0f} {unit}" if unit else f"{value:.2f}"


def _axes(x_label: str, y_label: str) -> str:
    parts: list[str] = []
    for tick in (0, 0.25, 0.5, 0.75, 1):
        y = _y(tick)
        parts.append(
            f'<path class="grid" d="M{_LEFT} {y:.1f}H{_WIDTH - _RIGHT}"/>'
            f'<text class="tick" x="{_LEFT - 6}" y="{y + 3.5:.1f}" '
            f'text-anchor="end">{tick:g}</text>'
        )
    parts.append(
        f'<text class="label" x="{(_LEFT + _WIDTH - _RIGHT) / 2:.0f}" y="{_HEIGHT - 6}" '
        f'text-anchor="middle">{escape(x_label)}</text>'
        f'<text class="label" transform="translate(11 {(_TOP + _HEIGHT - _BOTTOM) / 2:.0f}) '
        f'rotate(-90)" text-anchor="middle">{escape(y_label)}</text>'
    )
    return "".join(parts)


def _figure(
    title: str, described: str, parts: Sequence[str], width: int, height: int, names: Sequence[str]
) -> str:
    legend = ""
    if len(names) > 1:
        legend = "".join(
            f'<li><svg width="26" height="10" aria-hidden="true"><path class="line" '
            f'style="stroke:var(--series-{n % 4})" stroke-dasharray="{_DASHES[n % 4]}" '
            f'd="M0 5H26"/></svg> {escape(name)}</li>'
            for n, name in enumerate(names)
        )
        legend = f'<ul class="legend">{legend}</ul>'
    return (
        f"<figure><figcaption>{escape(title)}</figcaption>"
        f'<svg viewBox="0 0 {width} {height}" role="img" aria-label="{escape(title)}: '
        f'{escape(described)}">{"".join(parts)}</svg>{legend}</figure>'
    )


def _x(share: float) -> float:
    return _LEFT + share * (_WIDTH - _LEFT - _RIGHT)


def _y(share: float) -> float:
    return _HEIGHT - _BOTTOM - share * (_HEIGHT - _TOP - _BOTTOM)


def _thinned(points: Sequence[tuple[float, float]]) -> Sequence[tuple[float, float]]:
    """No more points than pixels, the last kept."""
    step = max(1, len(points) // 300)
    return [*points[::step], *points[-1:]]


def _some(points: Sequence[tuple[float, float]]) -> Sequence[tuple[float, float]]:
    """A handful, for those who hear the plot."""
    step = max(1, len(points) // 4)
    return [*points[::step], *points[-1:]] if len(points) > 5 else points
