"""Questionnaires that go out: the shipped ones, a foreign one, and one with everything awkward."""

from __future__ import annotations

from pathlib import Path

from evalkit.definitions import loading
from evalkit.definitions.questionnaire import Item, Option, Questionnaire
from evalkit.definitions.roster import Subject
from evalkit.errors import Problems

ROOT = Path(__file__).resolve().parents[2]
FILES = {
    "resident": ROOT / "questionnaires/changshou/resident.yaml",
    "organisation": ROOT / "questionnaires/changshou/organisation.yaml",
    "kansas_city": ROOT / "tests/kansas_city/questionnaires/resident.yaml",
}
NAMES = ("玉佛城", "曹家巷", "㛃龘里", "=HYPERLINK(1)", "<甲>&“乙”")
SUBJECTS = tuple(Subject(id=f"cs{at:02}", name=name) for at, name in enumerate(NAMES, start=1))
AWKWARD = (
    "=1+1", "+86", "-5", "@某人", "<b>粗</b>", '"引号"', "〖括号〗", "两 个词", "A类", "[单选题]",
    "___", "---", "{_}", "甲—乙", "其他【请注明】", "${q1}", "100", "（全角）", "'单引号'", "&amp;",
)  # fmt: skip
LONG = "您对" + "居民区干部和社工近一年来走访、帮扶、调解、公示、议事等各方面工作" * 6 + "满意吗？"
SCALE = ("很满意", "满意", "一般", "不满意")


def options(labels: tuple[str, ...], *, scored: bool = False) -> list[Option]:
    return [
        Option(code=str(at), label=label, score=100 - 10 * at if scored else None)
        for at, label in enumerate(labels, start=1)
    ]


def awkward() -> Questionnaire:
    """Twenty options, long wordings, and every mark that means something to some format."""
    scale = options(SCALE, scored=True)
    stem = "下列方面[矩阵题]—您满意吗？"
    rows = [
        Item(id=f"m{at}", number=3, stem=stem, text=text, options=scale)
        for at, text in enumerate(("办事—方便", "___", "“态度”<好>", LONG), start=1)
    ]
    two = [
        Item(id=f"w{at}", number=4, stem="见过吗？", text=text, role="profile",
             options=options(("是", "否")))
        for at, text in enumerate(("干部", "社工"), start=1)
    ]  # fmt: skip
    stop = Option(code="2", label="不满 半年", screen_out=True)
    items = [
        Item(id="live", number=1, role="screening", text="住满{半年}了吗？",
             options=[Option(code="1", label="满"), stop]),
        Item(id="where", number=2, role="subject", text="哪个居民区？"),
        *rows,
        *two,
        Item(id="long", number=5, text=LONG, options=options(AWKWARD, scored=False), role="profile"),
        Item(id="many", number=6, kind="multiple", role="need", text="哪些？（可多选）",
             options=options(tuple(x for x in AWKWARD if "〖" not in x))),
        Item(id="order", number=7, kind="ranking", role="profile", text="请排序",
             options=options(("甲", "乙", "丙"))),
        Item(id="mark", number=8, kind="number", text="打几分___？", minimum=0, maximum=10),
        Item(id="say", number=9, kind="text", role="open", text="还有什么 = 要说的{吗}"),
    ]  # fmt: skip
    questionnaire = Questionnaire(id="awkward", title="=难 <卷> [标题]", items=items)
    assert not list(questionnaire.faults())
    return questionnaire


def named(name: str) -> Questionnaire:
    if name == "awkward":
        return awkward()
    problems = Problems()
    found = loading.load_questionnaire(FILES[name], name, problems)
    assert found is not None
    assert not problems
    return found


ALL = (*FILES, "awkward")
