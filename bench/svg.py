"""Line charts as SVG, for the documentation: some lines of markup instead of forty megabytes of plotting library."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

Line = Sequence[tuple[float, float]]

WIDTH, HEIGHT = 640, 360
LEFT, RIGHT, TOP, BOTTOM = 70, 20, 40, 70
COLOURS = ("#1f6feb", "#d1481f", "#2a8f3c", "#8250df")


@dataclass(frozen=True)
class Chart:
    """Lines by name over one logarithmic axis; `ticks` are its values with what they are called."""

    title: str
    across: str
    up: str
    ticks: Mapping[int, str]
    lines: Mapping[str, Line]


def draw(chart: Chart) -> str:
    """The document. Values are above nought."""
    top = _round_up(max(value for line in chart.lines.values() for _, value in line))
    first, last = math.log(min(chart.ticks)), math.log(max(chart.ticks))

    def x(value: float) -> float:
        return LEFT + (math.log(value) - first) / (last - first) * (WIDTH - LEFT - RIGHT)

    def y(value: float) -> float:
        return HEIGHT - BOTTOM - value / top * (HEIGHT - TOP - BOTTOM)

    parts = [_text(WIDTH / 2, 22, chart.title, size=15), _text(WIDTH / 2, HEIGHT - 34, chart.across)]
    parts.append(_text(14, HEIGHT / 2, chart.up, turn=True))
    for step in range(5):
        value = top * step / 4
        parts.append(f'<path d="M{LEFT} {y(value):.1f}H{WIDTH - RIGHT}" stroke="#ddd"/>')
        parts.append(_text(LEFT - 6, y(value) + 4, f"{value:,.0f}" if top >= 10 else f"{value:.2g}", anchor="end"))
    parts += [_text(x(value), HEIGHT - BOTTOM + 16, name) for value, name in chart.ticks.items()]
    for place, (name, line) in enumerate(chart.lines.items()):
        colour = COLOURS[place % len(COLOURS)]
        points = " ".join(f"{x(across):.1f},{y(value):.1f}" for across, value in line)
        parts.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts += [f'<circle cx="{x(across):.1f}" cy="{y(value):.1f}" r="3" fill="{colour}"/>' for across, value in line]
        parts.append(_text(LEFT + 150 * place, HEIGHT - 10, name, anchor="start", colour=colour))
    body = "\n".join(parts)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif">\n'
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>\n{body}\n</svg>\n'
    )


def _text(
    x: float, y: float, text: str, *, size: int = 12, anchor: str = "middle", colour: str = "#222", turn: bool = False
) -> str:
    turned = f' transform="rotate(-90 {x:.1f} {y:.1f})"' if turn else ""
    where = f'x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="{anchor}" fill="{colour}"{turned}'
    return f"<text {where}>{escape(text)}</text>"


def _round_up(value: float) -> float:
    """The next of 1, 2, 4, 6, 8, 10 times a power of ten."""
    power = 10.0 ** math.floor(math.log10(value))
    return power * next(step for step in (1, 2, 4, 6, 8, 10) if step * power >= value)
