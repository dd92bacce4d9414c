"""A document from YAML to an Excel workbook and back, without loss."""

from __future__ import annotations

from pathlib import Path

from evalkit.definitions import loading
from evalkit.definitions.kinds import Kind
from evalkit.definitions.workbook import write_workbook
from evalkit.definitions.yaml_text import dump_yaml
from evalkit.errors import Problems

__all__ = ["Kind", "convert"]


_LOADERS = {
    Kind.SCHEME: loading.load_scheme,
    Kind.QUESTIONNAIRE: loading.load_questionnaire,
    Kind.ROSTER: loading.load_roster,
    Kind.CROSSWALK: loading.load_crosswalk,
    Kind.ACTIONS: loading.load_actions,
    Kind.THEMES: loading.load_themes,
    Kind.CLAIMS: loading.load_claims,
}


def convert(kind: Kind, source: Path, target: Path) -> None:
    """Read a document in one form and write it in the other; the suffix of the target tells which.

    Raises
    ------
    InputErrors
        If the source has any fault, or the target exists or has another suffix.
    """
    problems = Problems()
    document = _LOADERS[kind](source, str(source), problems)
    if target.suffix.lower() not in (".yaml", ".yml", ".xlsx"):
        problems.add(
            "unsupported_suffix",
            "不支持这种文件",
            file=str(target),
            expected=".yaml、.yml、.xlsx",
            found=target.suffix or "（没有后缀）",
            remedy="换一个后缀",
        )
    if target.exists():
        problems.add(
            "file_exists", "文件已存在，不覆盖", file=str(target), remedy="换一个文件名，或先移走它"
        )
    if document is None or problems:
        problems.raise_if_any()
        return
    if target.suffix.lower() == ".xlsx":
        write_workbook(document, target)
    else:
        target.write_text(dump_yaml(document), encoding="utf-8")
