"""How large the one-file dashboard is, by number of committees; of made-up streets of two waves."""

from __future__ import annotations

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from evalkit.pages import dashboard
from tests.pages.synthetic import Street, evaluation

MOST = 2_000_000
"""Bytes that a street of 120 committees may take."""


def main() -> None:
    print("committees   file KB   script KB   data KB   data as plain JSON KB")
    for count in (15, 35, 120):
        planned = dashboard.plan(evaluation(Street(count=count)), papers=True)
        size, script = len(dashboard.press(planned)), len(dashboard.vega().encode())
        data = len(dashboard.packed(planned.data))
        plain = len(json.dumps(planned.data, ensure_ascii=False, separators=(",", ":")).encode())
        told = "  too large" if size > MOST else ""
        sizes = (size / 1000, script / 1000, data / 1000, plain / 1000)
        print(f"{count:10d}{''.join(f'{kb:12,.0f}' for kb in sizes)}{told}", flush=True)


if __name__ == "__main__":
    main()
