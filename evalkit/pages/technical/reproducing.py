"""What it takes to compute everything again and to know that it is the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from evalkit.pages.press.section import Section
from evalkit.tables import Evaluation
from evalkit.version import __version__


@dataclass(frozen=True, slots=True, kw_only=True)
class Reproducing(Section):
    """Version, seed, draws, and the hashes of everything that was read."""

    template = "technical/reproducing.html.j2"
    facts: Sequence[tuple[str, str]]
    inputs: Sequence[tuple[str, str]]


def section(evaluation: Evaluation) -> Reproducing:
    """Plan versions, seeds and hashes."""
    settings = evaluation.order.settings
    return Reproducing(
        title="复现",
        takeaway="同样的文件、文档、版本和随机种子，结果逐字节相同；下面的任何一项不同，结果就可能不同。",
        facts=[
            ("程序", f"evalkit {__version__}"),
            ("随机种子", str(settings.seed)),
            ("模拟次数", f"{settings.draws:,}"),
            ("批次", "、".join(evaluation.waves)),
            ("数据指纹（SHA-256）", evaluation.fingerprint),
        ],
        inputs=sorted(evaluation.decided.digests.items()),
    )
