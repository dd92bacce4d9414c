"""The dashboard: one HTML file that works by double-click, without any network.

`plan` turns an evaluation into plain data: every number with the text it is shown as, every chart
as a layout and rows. `press` fills the template with it, the shipped style and script, and Vega.
"""

from __future__ import annotations

import base64
import hashlib
import json
import math
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from typing import Any

import jinja2
import numpy as np
import vl_convert
from markupsafe import Markup

from evalkit import assets
from evalkit.errors import RenderError
from evalkit.figures.render import VEGALITE
from evalkit.files.writing import LIVE
from evalkit.kept import kept
from evalkit.methods import tails
from evalkit.pages.dashboard import dossier, waves
from evalkit.pages.dashboard.charting import Charts, sharing
from evalkit.pages.press import planned
from evalkit.pages.press import wording as say
from evalkit.pages.telling import behind, levels, maps, method, overall, satisfaction, weights
from evalkit.pages.telling import facts as known
from evalkit.pages.telling.facts import Common
from evalkit.tables import COMPOSITE, Evaluation

PATH = "dashboard.html"
PROGRAM = ("parts", "state", "exports", "league", "views", "compare", "start")
"""The page's own script, file by file."""

TILES_ACROSS = 5
"""Tiles in a row of a map on a narrow screen."""


@dataclass(frozen=True, slots=True)
class Dashboard:
    """A dashboard before it is written.

    Attributes
    ----------
    context : dict
        What the template prints itself.
    data : dict
        What the script shows; plain data that JSON can hold.
    """

    context: Mapping[str, Any]
    data: Mapping[str, Any]


def plan(evaluation: Evaluation, *, papers: bool) -> Dashboard:
    """Plan the dashboard.

    Parameters
    ----------
    evaluation : Evaluation
    papers : bool
        Whether the PDFs are made too, so that they can be linked to.
    """
    order, shared = evaluation.order, known.common(evaluation)
    charts = Charts()
    rows = waves.past(shared)
    committees = dossier.all_of(shared, rows, charts, papers=papers)
    data = {
        "word": order.subject_word,
        "street_word": order.street_word,
        "title": f"{order.street}{order.title}",
        "confidence": known.confidence(evaluation),
        "total": len(shared.places),
        "wave": {
            "id": evaluation.wave,
            "name": order.wave_name(evaluation.wave),
            "axis": waves.axis(evaluation, evaluation.wave),
        },
        "earlier": waves.earlier(shared, rows),
        "groups": list(maps.GROUPS.values()),
        "behind": behind.heading(evaluation.scheme),
        "weights": weights.head_of_groups(evaluation.scheme),
        "live": LIVE,
        "mark": "模拟数据" if order.synthetic else "",
        "grades": [grade.name for grade in evaluation.scheme.grades],
        "zones": _listed(committees, "zone"),
        "housing": _listed(committees, "housing"),
        "maps": _maps(evaluation, charts),
        "committees": committees,
        "pairs": pairs(evaluation),
        "layouts": charts.layouts,
        "shapes": charts.shapes,
    }
    return Dashboard(_context(shared, papers), sharing(data))


def _context(shared: Common, papers: bool) -> dict[str, Any]:
    evaluation = shared.evaluation
    order = evaluation.order
    return {
        "street": order.street,
        "title": order.title,
        "wave": order.wave_name(evaluation.wave),
        "word": order.subject_word,
        "street_word": order.street_word,
        "synthetic": order.synthetic,
        "confidence": known.confidence(evaluation),
        "report": "street-report.pdf" if papers else "",
        "trust": overall.trust(evaluation),
        "headlines": _headlines(shared),
        "lines": [
            *overall.told_apart(evaluation),
            *overall.grade_sentences(evaluation),
            *overall.change_sentences(evaluation),
        ],
        "levels": levels.blocks(evaluation, ()),
        "levels_by": levels.weighed(evaluation),
        "method": method.basis(evaluation),
        "notes": method.notes(_notes(evaluation), order),
    }


def _notes(evaluation: Evaluation) -> tuple[Any, ...]:
    here = known.places_of_notes(evaluation)
    return tuple(note for note in evaluation.notes if note.where in here)


def _headlines(shared: Common) -> list[dict[str, str]]:
    """Return the street's own figures."""
    evaluation = shared.evaluation
    scores = evaluation.current.scores
    ranking = evaluation.current.ranking
    word, complete = evaluation.order.subject_word, len(scores.subjects)
    apart = len(scores.incomplete)
    found = [
        {
            "label": f"有完整得分的{word}",
            "value": f"{complete} 个",
            "detail": (f"另有 {apart} 个不完整，只列出" if apart else "没有不完整的")
            + overall.set_up(evaluation),
        }
    ]
    if not complete:
        return found
    satisfied = satisfaction.overall(evaluation)
    if satisfied is not None:
        moved = satisfaction.changed(satisfied)
        found.insert(
            0,
            {
                "label": "总体满意率",
                "value": satisfaction.share(satisfied),
                "detail": f"误差范围 {satisfaction.reach(satisfied)}"
                + (f"；{moved}" if moved else ""),
            },
        )
    street = overall.of_street(evaluation)
    whole = known.records(street[street["code"] == COMPOSITE])
    ends = say.interval(whole[0]["low"], whole[0]["high"]) if whole else say.MISSING
    found.append(
        {
            "label": "平均得分",
            "value": f"{say.fixed(shared.mean)} 分",
            "detail": f"误差范围 {ends}",
        }
    )
    good = [grade.name for grade in evaluation.scheme.grades if grade.good]
    if good:
        n = int(scores.table["grade"].isin(good).sum())
        found.append(
            {
                "label": "和".join(good),
                "value": f"{n} 个",
                "detail": f"占 {say.percent(n / complete)}",
            }
        )
    if complete > 1:
        found += [
            {
                "label": "可靠程度",
                "value": say.fixed(ranking.reliability, 2),
                "detail": "得分差异中真实差别的比例"
                + overall.ends(ranking.reliability_low, ranking.reliability_high),
            },
            {
                "label": "能分先后的比例",
                "value": say.percent(ranking.distinguishable_pairs),
                "detail": f"任取两个{word}能分出高低",
            },
        ]
    return found


def _listed(committees: Iterable[Mapping[str, Any]], key: str) -> list[str]:
    return list(dict.fromkeys(str(c[key]) for c in committees if c[key]))


def _maps(evaluation: Evaluation, charts: Charts) -> list[dict[str, Any]]:
    if not evaluation.current.scores.subjects:
        return []
    shown = [
        (code, maps.title(evaluation, code), maps.chart(evaluation, code))
        for code in maps.codes(evaluation)
    ]
    wished = maps.wishes(evaluation)
    if wished is not None:
        shown.append((maps.WISHES, maps.WISHED, wished))
    found = []
    for code, name, chart in shown:
        tiles = {"columns": TILES_ACROSS} if chart.figure == "tile_grid" else {}
        found.append({"code": code, "name": name, **charts.add(chart, **tiles)})
    return found


def pairs(evaluation: Evaluation) -> list[list[tuple[str, str, str]]] | None:
    """Return what the data say of every two committees, in the order of the league table.

    Returns
    -------
    list of list of (verdict, difference, interval)
        Of each committee against those below it. The verdict is ``sure`` where the order is known
        with all pairs tested together, ``alone`` where only the pair's own interval (Student's t,
        its own degrees of freedom) excludes 0, else empty. None where pairs are too many to be tested one by one.
    """
    ranking = evaluation.current.ranking
    scores = evaluation.current.scores
    if ranking.ahead is None:
        return None
    at = [scores.subjects.index(str(subject)) for subject in ranking.table["subject"]]
    reach = np.asarray(tails.t_quantile(0.5 + evaluation.scheme.confidence / 2.0, scores.pair_df))
    own = scores.variance[0]
    rows = []
    for place, j in enumerate(at):
        row = []
        for k in at[place + 1 :]:
            difference = float(scores.composite[j] - scores.composite[k])
            variance = float(own[j] + own[k] - 2.0 * scores.covariance[j, k])
            half = float(reach[j, k]) * math.sqrt(max(variance, 0.0))
            alone = "alone" if difference > half else ""
            row.append(
                (
                    "sure" if ranking.ahead[j, k] else alone,
                    say.fixed(difference),
                    say.interval(difference - half, difference + half),
                )
            )
        rows.append(row)
    return rows


# --- writing --------------------------------------------------------------------------------


def press(dashboard: Dashboard) -> bytes:
    """Write the dashboard as one file. The same dashboard gives the same bytes.

    Raises
    ------
    RenderError
        If the template is wrong, or a shipped part would end its element early.
    """
    scripts = {"vega": vega(), "program": program()}
    style = _shipped("dashboard/style.css")
    for name, text in {**scripts, "style": style}.items():
        if "</script" in text.lower() or "</style" in text.lower() or "<!--" in text:
            raise RenderError(f"{PATH}：{name} 的内容会提前结束所在的元素")
    context = {
        **dashboard.context,
        "policy": policy(scripts.values()),
        "style": Markup(style),
        "scripts": {name: Markup(text) for name, text in scripts.items()},
        "data": Markup(packed(dashboard.data)),
    }
    try:
        text = planned.environment().get_template("dashboard.html.j2").render(context)
    except jinja2.TemplateError as error:
        raise RenderError(f"{PATH}：模板 dashboard.html.j2：{error}") from error
    return text.encode()


def packed(data: object) -> str:
    """Return data as JSON, deflated and in base64: a quarter of its size, and never markup.

    Raises
    ------
    ValueError
        If a number is not finite.
    """
    text = json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return base64.b64encode(zlib.compress(text.encode(), 9)).decode()


def policy(scripts: Iterable[str]) -> str:
    """Return the content security policy: these very scripts, and nothing from anywhere else."""
    digests = [base64.b64encode(hashlib.sha256(s.encode()).digest()).decode() for s in scripts]
    allowed = " ".join(f"'sha256-{digest}'" for digest in digests)
    return (
        f"default-src 'none'; script-src {allowed}; style-src 'unsafe-inline'; "
        "base-uri 'none'; form-action 'none'"
    )


@cache
def vega() -> str:
    """Return Vega, Vega-Lite and Vega-Embed as one script that only sets `vegaEmbed`."""
    snippet = "window.vegaEmbed = vegaEmbed;"
    bundle = kept(
        "vega.js",
        f"{version('vl-convert-python')} {VEGALITE} {snippet}",
        lambda: vl_convert.javascript_bundle(snippet, vl_version=VEGALITE),
    )
    return f'"use strict";(()=>{{{bundle}\n}})();'


@cache
def program() -> str:
    """Return the page's own script: its parts in one scope, in strict mode."""
    parts = "\n".join(_shipped(f"dashboard/{part}.js") for part in PROGRAM)
    return f'"use strict";\n(async () => {{\n{parts}}})();'


@cache
def _shipped(name: str) -> str:
    return (assets.templates() / name).read_text(encoding="utf-8")
