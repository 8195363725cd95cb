"""Makes matplotlib's SVG a part of an HTML page: no addresses, and the page's own colours."""

from __future__ import annotations

import re
from html import escape

from dlkit.comparing.report.style import DARK

WIDEST = 900
"""Points of the widest picture, which is as wide as the page; the others are in proportion."""


def inline(svg: str, says: str) -> str:
    """The element alone, its colours as the variables of `variables`, described by `says`."""
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    head, body = svg.split(">", 1)
    box = re.findall(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', head)[0]
    share = min(1.0, float(box[0]) / WIDEST)
    body = re.sub(r' id="[A-Za-z0-9]+_\d+"', "", body)  # the same in every picture
    body = body.replace("xlink:href", "href")
    for place, colour in enumerate(DARK):
        body = body.replace(colour, f"var(--c{place})")
    return (
        f'<svg viewBox="0 0 {box[0]} {box[1]}" style="--w: {share:.2f}" role="img" '
        f'aria-label="{escape(says, quote=True)}">{body}'
    )


def variables() -> str:
    """The colours on a light page and on a dark one, as CSS."""
    light = " ".join(f"--c{place}: {colour};" for place, colour in enumerate(DARK))
    dark = " ".join(f"--c{place}: {colour};" for place, colour in enumerate(DARK.values()))
    return f":root {{ {light} }}\n@media (prefers-color-scheme: dark) {{ :root {{ {dark} }} }}\n"
