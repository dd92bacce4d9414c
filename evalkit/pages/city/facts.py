"""What the pages of a city are made of: its findings, its words, and how much of it there is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from evalkit.codes import Band, Comparison, StreetState
from evalkit.pages.press import wording as say


@dataclass(frozen=True, slots=True)
class CityFacts:
    """A city's findings with what pages need beside them.

    Attributes
    ----------
    title, city, word, street_word, wave_name, date : str
        Words of the city's documents; `date` is the last day of the wave, or empty.
    streets, peers, groups : DataFrame
        Frames ``city_streets``, ``city_peers`` and ``city_groups``.
    confidence, rate : float
        Of intervals and sets; of false discoveries.
    like : str
        What makes committees alike, in words.
    boundaries : dict or None
        GeoJSON of the streets' areas, checked; None where there are none.
    links : dict of street id to str
        Where a street's dashboard lies, from the index.
    """

    title: str
    city: str
    word: str
    street_word: str
    wave_name: str
    date: str
    synthetic: bool
    streets: pd.DataFrame
    peers: pd.DataFrame
    groups: pd.DataFrame
    confidence: float
    rate: float
    like: str
    boundaries: Mapping[str, Any] | None
    links: Mapping[str, str]

    @property
    def counted(self) -> pd.DataFrame:
        """The streets that are in the city's numbers."""
        return self.streets[self.streets["mean"].notna()]

    @property
    def missing(self) -> pd.DataFrame:
        """The streets that are in none of them."""
        return self.streets[self.streets["mean"].isna()]

    @property
    def partial(self) -> str:
        """Of how many streets the city's numbers are; empty where it is all of them."""
        if not len(self.missing):
            return ""
        return (
            f"名单上 {len(self.streets)} 条{self.street_word}，只计入 {len(self.counted)} 条："
            f"以下不是全市的数"
        )

    def places(self, verdict: Comparison) -> list[str]:
        """Return the names of the streets of a verdict, highest first."""
        rows = self.counted[self.counted["verdict"] == verdict.value]
        return [str(name) for name in rows.sort_values("rank")["name"]]


BANDS: Mapping[str, str] = {
    Band.FAR_ABOVE.value: "远高于同类",
    Band.ABOVE.value: "高于同类",
    Band.LEVEL.value: "与同类分不出",
    Band.BELOW.value: "低于同类",
    Band.FAR_BELOW.value: "远低于同类",
}
"""What a band is called where it is of a committee's like."""
UNTESTED = "同类太少，不比"


def why(state: object, street_word: str) -> str:
    """Say why a street is in no number of the city."""
    told = {
        StreetState.NO_FOLDER.value: "还没有文件夹",
        StreetState.NOT_RUN.value: "还没有运行",
        StreetState.CHANGED.value: "运行之后输入又变了，须重新运行",
        StreetState.FAULTY.value: "有问题，没有结果",
        StreetState.REFUSED.value: "方案或问卷与全市不同，不能放在一起",
        StreetState.DONE.value: f"没有一个可以公布居民评分的对象，或全{street_word}的答卷都一样",
    }
    return told.get(str(state), str(state))


def peers_name(value: object) -> str:
    """Return what a kind of committees is called."""
    return str(value).replace(" | ", "、") or "未注明"


def interval(row: Mapping[Any, Any]) -> str:
    """Return the ends of a row's interval."""
    return say.interval(row["low"], row["high"])
