"""A drawing of how search times grow, as an SVG that reads well on light and dark pages."""

import math
from collections.abc import Callable, Mapping, Sequence

WIDTH, HEIGHT = 760, 400
LEFT, RIGHT, TOP, BOTTOM = 72, 230, 40, 52
"""Margins. The lines' names stand at the right."""
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7")
"""Okabe and Ito's: told apart by colour-blind people, and strong enough on white and on black."""

_STYLE = """
text { font: 13px system-ui, sans-serif; fill: #24292f; }
.quiet { fill: #57606a; }
.grid { stroke: #d0d7de; stroke-width: 1; }
polyline { fill: none; stroke-width: 2.5; stroke-linejoin: round; }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3; } .quiet { fill: #9198a1; } .grid { stroke: #3d444d; }
}
""".strip()


def drawn(title: str, sizes: Sequence[int], lines: Mapping[str, Sequence[float]]) -> str:
    """Both axes are logarithmic.

    Args:
        sizes: numbers of chunks, ascending.
        lines: name → milliseconds at each size, all above 0.
    """
    values = [value for line in lines.values() for value in line]
    least, most = 10 ** math.floor(math.log10(min(values))), 10 ** math.ceil(math.log10(max(values)))
    across = _scale(sizes[0], sizes[-1], LEFT, WIDTH - RIGHT)
    up = _scale(least, most, HEIGHT - BOTTOM, TOP)
    parts = [f'<text x="{LEFT}" y="22">{title}</text>']
    for power in range(round(math.log10(least)), round(math.log10(most)) + 1):
        y = up(10**power)
        parts.append(f'<line class="grid" x1="{LEFT}" y1="{y:.1f}" x2="{WIDTH - RIGHT}" y2="{y:.1f}"/>')
        parts.append(f'<text class="quiet" x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{10.0**power:g} ms</text>')
    for size in sizes:
        x = f"{across(size):.1f}"
        parts.append(f'<line class="grid" x1="{x}" y1="{TOP}" x2="{x}" y2="{HEIGHT - BOTTOM}"/>')
        parts.append(
            f'<text class="quiet" x="{x}" y="{HEIGHT - BOTTOM + 20}" text-anchor="middle">{_short(size)}</text>'
        )
    middle = (LEFT + WIDTH - RIGHT) / 2
    parts.append(f'<text class="quiet" x="{middle:.0f}" y="{HEIGHT - 10}" text-anchor="middle">chunks</text>')
    for (name, line), colour in zip(lines.items(), COLOURS, strict=False):
        points = [(across(size), up(value)) for size, value in zip(sizes, line, strict=True)]
        joined = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        parts.append(f'<polyline stroke="{colour}" points="{joined}"/>')
        parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" fill="{colour}"/>' for x, y in points]
        end = f'x="{points[-1][0] + 10:.1f}" y="{points[-1][1] + 4:.1f}"'
        parts.append(f'<text {end} style="fill:{colour}">{name}, {line[-1]:.3g} ms</text>')
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{title}">\n'
        f"<style>\n{_STYLE}\n</style>\n" + "\n".join(parts) + "\n</svg>\n"
    )


def _scale(low: float, high: float, begin: float, end: float) -> Callable[[float], float]:
    """From a value to its place in the drawing."""
    span = math.log(high / low) or 1.0
    return lambda value: begin + (end - begin) * math.log(value / low) / span


def _short(size: int) -> str:
    return f"{size // 1000} k" if size >= 1000 else str(size)
