"""Draw the pictures of docs/figures.md: run its code, keep what each block's last line returns.

``python -m scripts.gallery`` from the root of the project; ``make gallery`` does it.
"""

from __future__ import annotations

import ast
import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import altair as alt
import vl_convert
from PIL import Image

from evalkit import figures

PAGE = Path(__file__).resolve().parents[1] / "docs" / "figures.md"
PICTURES = PAGE.parent / "images" / "figures"
SCALE = 1.5
COLOURS = 96


def sections(text: str) -> Iterator[tuple[str, str]]:
    """Yield (heading, code) of every section that has Python in it; the first has no heading."""
    for section in re.split(r"^## ", text, flags=re.M):
        heading = section.splitlines()[0] if section else ""
        for code in re.findall(r"```python\n(.*?)```", section, flags=re.S):
            yield heading, code


def charts(text: str) -> Iterator[tuple[str, alt.TopLevelMixin]]:
    """Run every block in order; yield (heading, chart) where a block ends in one."""
    names: dict[str, Any] = {}
    for heading, code in sections(text):
        tree = ast.parse(code, filename=heading)
        last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
        exec(compile(tree, heading, "exec"), names)
        if isinstance(last, ast.Expr):
            yield heading, eval(compile(ast.Expression(last.value), heading, "eval"), names)


def png(chart: alt.TopLevelMixin) -> bytes:
    """Return a chart as PNG on white, which needs no fonts where it is shown."""
    svg = figures.to_svg(chart)
    background = r'\1<rect width="100%" height="100%" fill="#fff"/>'
    white = re.sub(r"(<svg[^>]*>)", background, svg, count=1)
    picture = Image.open(io.BytesIO(vl_convert.svg_to_png(white, scale=SCALE))).convert("RGB")
    small = io.BytesIO()
    picture.quantize(COLOURS, dither=Image.Dither.NONE).save(small, "PNG", optimize=True)
    return small.getvalue()


def main() -> None:
    """Draw them all."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    for heading, chart in charts(PAGE.read_text(encoding="utf-8")):
        path = PICTURES / f"{heading}.png"
        path.write_bytes(png(chart))
        print(f"{path.relative_to(PAGE.parent)}  {path.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
