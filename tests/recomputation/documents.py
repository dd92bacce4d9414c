"""What the documents of a workspace say, read with PyYAML and the csv module alone."""

from __future__ import annotations

import csv
import datetime as dt
import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

PRESETS = Path(__file__).resolve().parents[2] / "questionnaires"
BESIDE_QUESTIONNAIRES = {"scheme", "evaluation", "actions", "themes"}

Plain = dict[str, Any]


@dataclass(frozen=True)
class Street:
    """The documents as plain data, defaults filled in (see the package's docstring)."""

    folder: Path
    order: Plain
    scheme: Plain
    questionnaires: dict[str, Plain]
    roster: list[Plain]
    themes: Plain | None
    margins: list[Plain]
    crosswalks: list[Plain]

    @property
    def waves(self) -> list[Plain]:
        return list(self.order["waves"])

    def wave(self, wave_id: str) -> Plain:
        return next(wave for wave in self.waves if wave["id"] == wave_id)

    def indicators(self) -> list[Plain]:
        return [i for dimension in self.scheme["dimensions"] for i in dimension["indicators"]]

    def groups(self) -> list[Plain]:
        return list(self.scheme["groups"])

    def group(self, code: str) -> Plain:
        return next(group for group in self.groups() if group["code"] == code)

    def covered(self, group: str) -> list[str]:
        """Codes of the indicators that a rater group judges, in the scheme's order."""
        own = self.group(group)
        return [
            i["code"]
            for i in self.indicators()
            if i["items"].get(own["questionnaire"])
            and (own["covers"] is None or i["code"] in own["covers"])
        ]

    def subjects(self, wave_id: str) -> list[str]:
        """Ids of the committees that existed in a wave, in roster order; waves compare as text."""
        return [
            s["id"]
            for s in self.roster
            if (not s["since"] or s["since"] <= wave_id)
            and (not s["until"] or wave_id <= s["until"])
        ]


def read(folder: Path) -> Street:
    """Read evaluation.yaml and everything it rests on; the preset's where the folder has none."""
    order = _order(_yaml(folder / "evaluation.yaml"))
    preset = PRESETS / order["scheme"]
    from_preset = preset.is_dir()
    own = _documents(folder / "questionnaires")
    questionnaires = own or (_documents(preset) if from_preset else [])
    themes = [path for path in (folder / "themes.yaml", preset / "themes.yaml") if path.is_file()]
    scheme = _yaml((preset / "scheme.yaml") if from_preset else folder / order["scheme"])
    return Street(
        folder=folder,
        order=order,
        scheme=_scheme(scheme),
        questionnaires={q["id"]: q for q in map(_questionnaire, questionnaires)},
        roster=_roster(folder / order["roster"]),
        themes=_yaml(themes[0]) if themes else None,
        margins=table(folder / "margins.csv") if (folder / "margins.csv").is_file() else [],
        crosswalks=[
            {"file": f"crosswalks/{path.name}", **_yaml(path)}
            for path in sorted((folder / "crosswalks").glob("*.yaml"))
        ],
    )


def table(path: Path) -> list[Plain]:
    """Rows of a CSV file in UTF-8 or GB18030, by the names in its first row."""
    return list(csv.DictReader(io.StringIO(decoded(path))))


def decoded(path: Path) -> str:
    content = path.read_bytes()
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("gb18030")


def _yaml(path: Path) -> Plain:
    return dict(yaml.safe_load(path.read_text(encoding="utf-8")))


def _documents(folder: Path) -> list[Plain]:
    return [
        _yaml(path)
        for path in sorted(folder.glob("*.yaml"))
        if path.stem not in BESIDE_QUESTIONNAIRES
    ]


def _order(order: Plain) -> Plain:
    settings = {"seed": 20140101, "draws": 20000} | (order.get("settings") or {})
    waves = []
    for wave in order["waves"]:
        files = [
            {"group": None, "crosswalk": None, "variant": None, "codebook": None, "sheet": None}
            | file
            for file in wave.get("files") or []
            if "questionnaire" in file  # records of ledgers are context, and move no number
        ]
        waves.append(
            {
                "id": str(wave["id"]),
                "title": wave.get("title"),
                "start": _day(wave.get("start")),
                "end": _day(wave.get("end")),
                "issued": wave.get("issued") or {},
                "files": files,
            }
        )
    given = {"scheme": "scheme.yaml", "roster": "roster.csv", "synthetic": False} | order
    return given | {"settings": settings, "waves": waves}


def _day(value: object) -> dt.date | None:
    return dt.date.fromisoformat(value.strip()) if isinstance(value, str) else value  # type: ignore[return-value]


def _scheme(scheme: Plain) -> Plain:
    defaults = {
        "residents_weight": 70,
        "uncovered": "within_group",
        "minimum_answered": 0.5,
        "confidence": 0.95,
        "false_discovery_rate": 0.05,
        "satisfied_from": 75,
        "acceptable_from": 60,
        "alternatives": [],
    }
    of_a_group = {
        "residents": False,
        "raters": "respondent",
        "covers": None,
        "minimum_n": 10,
        "population": None,
        "design_effect": 1.0,
        "rates_itself": True,
    }
    groups = [of_a_group | group for group in scheme["groups"]]
    grades = [{"good": False} | grade for grade in scheme["grades"]]
    return defaults | scheme | {"groups": groups, "grades": grades}


def _questionnaire(questionnaire: Plain) -> Plain:
    scales = questionnaire.get("scales") or {}
    of_an_item = {
        "kind": "single",
        "role": "scored",
        "number": None,
        "stem": None,
        "header": None,
        "minimum": None,
        "maximum": None,
    }
    items = []
    for item in questionnaire["items"]:
        options = item.get("options") or scales.get(item.get("scale"), [])
        items.append(of_an_item | item | {"options": [_option(option) for option in options]})
    return questionnaire | {"items": items}


def _option(option: Plain) -> Plain:
    defaults = {"score": None, "missing": None, "screen_out": False, "group": None}
    return defaults | option | {"code": str(option["code"]), "label": str(option["label"])}


def _roster(path: Path) -> list[Plain]:
    names = ("zone", "housing", "population", "since", "until")
    rows = []
    for row in table(path):
        aliases = (row.get("aliases") or "").replace("；", ";").replace("|", ";")
        subject: Plain = {name: (row.get(name) or "").strip() or None for name in names}
        population = subject["population"]
        rows.append(
            subject
            | {
                "id": row["id"].strip(),
                "name": row["name"].strip(),
                "kind": (row.get("kind") or "").strip() or "居民区",
                "aliases": [alias.strip() for alias in aliases.split(";") if alias.strip()],
                "population": None if population is None else int(population),
            }
        )
    return rows
