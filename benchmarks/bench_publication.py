"""Publishing the demo street on two processes, against bare WeasyPrint on the same finished pages.

Ours is the whole second story: charts, templates, layout, checks, painting, tables, files, with
``jobs=2``; once with Word documents and slides, once without them. The rival gets what ours had to
make, the finished HTML with its charts inside, and renders it as WeasyPrint's manual shows, one
document after another in one process. All in one run, in turn, as often as asked; medians and the
ratio of every pair are printed.

    python benchmarks/bench_publication.py [--pairs 3]
"""

from __future__ import annotations

import argparse
import base64
import statistics
import tempfile
import time
from collections import defaultdict
from dataclasses import replace
from pathlib import Path

import weasyprint

import evalkit as ek
from evalkit import assets, publication, simulation
from evalkit.pages.press import planned, printing

JOBS = 2


def finished(paper: planned.Paper) -> str:
    """The paper's HTML with its charts inside, ready for any renderer."""
    page = printing.fill(paper)
    text = page.text
    for address, svg in page.charts.items():
        data = base64.b64encode(svg.encode()).decode()
        text = text.replace(f'"{address}"', f'"data:image/svg+xml;base64,{data}"')
    return text


def bare(pages: list[str]) -> int:
    style = assets.templates() / "style.css"
    size = 0
    for text in pages:
        size += len(
            weasyprint.HTML(string=text).write_pdf(
                stylesheets=[style], pdf_variant=printing.VARIANT
            )
        )
    return size


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--pairs", type=int, default=3)
    pairs = options.parse_args().pairs
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "demo"
        simulation.write_demo(root)
        start = time.perf_counter()
        evaluation = ek.open(root).evaluate()
        print(f"evaluate: {time.perf_counter() - start:.1f} s")
        pages = [finished(paper) for paper in publication.plan(evaluation)]
        order = evaluation.order.model_copy(update={"papers": ["pdf"]})
        plain = replace(evaluation, decided=replace(evaluation.decided, order=order))
        ours, without, theirs = [], [], []
        for pair in range(pairs):
            out = Path(folder) / f"out-{pair}"
            out.mkdir()
            start = time.perf_counter()
            published = publication.publish(evaluation, out, jobs=JOBS)
            ours.append(time.perf_counter() - start)
            with tempfile.TemporaryDirectory() as aside:
                start = time.perf_counter()
                publication.publish(plain, Path(aside), jobs=JOBS)
                without.append(time.perf_counter() - start)
            start = time.perf_counter()
            size = bare(pages)
            theirs.append(time.perf_counter() - start)
            print(
                f"pair {pair + 1}: {ours[-1]:.1f} s, without Word and slides {without[-1]:.1f} s "
                f"/ {theirs[-1]:.1f} s",
                flush=True,
            )
        papers = len(published.papers)
        written = sum((out / path).stat().st_size for path in published.papers)
        sheets = sum(pages_ for pages_, _ in published.papers.values())
        print(f"{papers} papers, {sheets} pages")
        for name, seconds, size_ in (
            (f"publish, {JOBS} processes", statistics.median(ours), written),
            ("bare WeasyPrint", statistics.median(theirs), size),
        ):
            print(
                f"{name}: {seconds:.1f} s, {seconds / papers:.2f} s "
                f"and {size_ / papers / 1024:.0f} KB a document"
            )
        steps: dict[str, float] = defaultdict(float)
        for _, spent in published.papers.values():
            for step, value in spent.items():
                steps[step] += value
        total = sum(steps.values())
        print("CPU: " + ", ".join(f"{s} {v / total:.0%}" for s, v in steps.items()))
        for name, own in (("ours", ours), ("ours without Word and slides", without)):
            ratios = [a / b for a, b in zip(own, theirs, strict=True)]
            print(
                f"{name} / bare: {statistics.median(ratios):.2f} "
                f"({min(ratios):.2f} to {max(ratios):.2f})"
            )


if __name__ == "__main__":
    main()
