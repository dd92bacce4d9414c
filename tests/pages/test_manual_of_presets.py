"""The manual of every preset: its own words for whom it evaluates, and nothing of another place."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from evalkit import assets
from evalkit.definitions.decided import Decided
from evalkit.errors import Problems
from evalkit.folder import Folder
from evalkit.illustration import illustrate
from evalkit.pages import manual
from evalkit.pages.press import printing
from tests.preset import from_preset

WORDS = {
    "blank": ("居民区", "街道"),
    "caohejing": ("居民区", "街道"),
    "caoyang": ("居民区", "街道"),
    "changshou": ("居民区", "街道"),
    "nanhu-worker": ("社区", "街道"),
    "wuxin": ("居民区", "街道"),
    "zhuanqiao": ("居村", "镇"),
}
TOLD = {
    "blank": ("一类人",),
    "caohejing": ("由《点单派单流转单》的记录算出", "两个工作日内接单", "十个工作日内办结"),
    "caoyang": (
        "现有 20 个居民区，另有 63 个小区",
        "答卷写小区的，计入它所在的居民区",
        "个人评价另有手册",
        "兼职委员评价（tracks/members）",
    ),
    "changshou": ("居民合计占 70%", "居民区互评不评价自己"),
    "nanhu-worker": ("社区工作者评价（tracks/workers）", "报到党员评价（tracks/members）"),
    "wuxin": ("守法安居放心", "邻里和谐暖心", "绿色健康舒心", "文化丰富开心", "精品服务称心"),
    "zhuanqiao": (
        "参评的居村：居民区 32 个；村 14 个；筹备中的 1 个，照常计分、诊断，不排名，也不计入平均",
        "村按村民小组、门牌号",
        "现有 46 个居村，另有 5 个片区",
        "能排除的只有其余 29 名",
    ),
}
"""What a manual must say; 45 are ranked, and places 7 to 22 are 16 of them."""


def of(root: Path, track: str | None = None) -> str:
    problems = Problems()
    decided: Decided | None = Folder(root, track).documents(problems)
    assert decided is not None, list(map(str, problems))
    page = printing.fill(manual.plan(decided, illustrate(decided))).text
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", page))


def test_every_preset_is_known_here() -> None:
    assert set(WORDS) == set(TOLD) == set(assets.presets())


@pytest.fixture(scope="module")
def nanhu(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return from_preset(tmp_path_factory.mktemp("nanhu") / "ws", "nanhu-worker")


@pytest.mark.parametrize("preset", WORDS)
def test_a_manual_speaks_of_its_own_place(preset: str, tmp_path: Path, nanhu: Path) -> None:
    root = nanhu if preset == "nanhu-worker" else from_preset(tmp_path / "ws", preset)
    text = of(root)
    word, street = WORDS[preset]
    assert f"任何{word}都不得经手评价自己的问卷" in text
    assert f"{street}报告送审" in text
    for told in TOLD[preset]:
        assert told in text or (preset == "blank" and "全部评价来自居民" in text), told
    for other in ("长寿", "玉佛城", "曹杨", "颛桥", "漕河泾"):
        assert other not in text
    if street == "镇":
        assert "街道" not in text
    if word == "社区":
        matched = re.sub("末尾的.*?。", "", text)
        assert "居民区" not in matched


def test_persons_have_a_manual_of_their_own(nanhu: Path) -> None:
    """Nothing of households, stairs and ranks: who judges, with whom one compares, who sees it."""
    text = of(nanhu / "tracks/workers", "workers")
    for told in (
        "参评的社区工作者 36 名，在 6 个社区",
        "群众60",
        "街道30",
        "社区工作者互评10",
        "本社区之内",
        "优：参评人数的 15%，全街道一起算",
        "person/工号.pdf",
        "个人的结果不公示、不上墙",
    ):
        assert told in text, told
    for foreign in (
        "住户清单",
        "引路",
        "诊断书",
        "名次范围",
        "街道平均",
        "居民区书记",
        "第 2 节的份数表",
    ):
        assert foreign not in text, foreign


def test_members_are_judged_by_residents_and_by_points(nanhu: Path) -> None:
    text = of(nanhu / "tracks/members", "members")
    assert "参评的党员 24 名，在 6 个社区" in text
    assert "《成员服务积分》当时记、照实记" in text
    assert "可比得分" not in text
