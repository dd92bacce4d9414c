"""A new folder of a preset, as somebody has filled it in."""

from __future__ import annotations

from pathlib import Path

from evalkit import workspace


def from_preset(root: Path, preset: str = "changshou") -> Path:
    """A new folder of a preset with its placeholders filled in, and no answers."""
    workspace.create(root, preset)
    order = root / "evaluation.yaml"
    text = order.read_text(encoding="utf-8")
    order.write_text(text.replace("某某", "沙田"), encoding="utf-8")
    roster = root / "roster.csv"
    rows = roster.read_text(encoding="utf-8-sig")
    for place, name in enumerate("一二三", start=1):
        rows = rows.replace(f"示例{name}", f"沙田{name}村").replace("（请替换）", "")
        rows = rows.replace(f"example-{place}", f"st{place}").replace(f"示例{place}", f"{name}村")
    roster.write_text(rows, encoding="utf-8-sig")
    return root
