"""evaluation.yaml: the street's order. Which waves, which files, which scheme and roster."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator
from operator import not_
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, PrivateAttr

from evalkit.codes import NoteCode
from evalkit.definitions.calendar import Calendar, Day
from evalkit.definitions.documents import (
    Document,
    Identifier,
    MaybeIdentifier,
    MaybeName,
    MaybeText,
    MaybeTitle,
    Name,
    Part,
    Text,
    Title,
)
from evalkit.definitions.faults import Fault, placeholders
from evalkit.definitions.levels import UnitsOrder
from evalkit.definitions.places import Steps
from evalkit.definitions.questionnaire import Mode
from evalkit.definitions.tracks import WORDS, track_faults
from evalkit.definitions.wave_faults import wave_faults
from evalkit.errors import Note, UnknownId


def _running_number(value: object) -> object:
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    text = str(value).strip()
    if isinstance(value, int | str) and re.fullmatch(r"[0-9]{1,6}", text) and int(text):
        return text.zfill(6)
    raise ValueError("份数的顺序号，一至六位数字，如 000001")


CopyNumber = Annotated[str | None, BeforeValidator(_running_number)]
"""Which copy of a paper this is, in six digits as on official papers."""

Coat = Literal["pdf", "docx", "pptx"]
"""What papers are made as: PDF, editable Word, slides for the meeting."""
COATS: tuple[Coat, ...] = ("pdf", "docx", "pptx")


SPELLED_SEPARATORS = {"换行": "\n", "空格": " ", "制表符": "\t"}
"""How separators are written that nobody sees."""


def _some_values(value: object) -> object:
    return value if isinstance(value, list) else [value]


SomeTexts = Annotated[
    list[Text],
    Field(min_length=1),
    BeforeValidator(_some_values, json_schema_input_type=list[str] | str | float),
]
"""One value, or a list of them."""


class LongTable(Part):
    """Which columns of a long table hold what: one row a person and question."""

    person: Name = Field(title="答卷", description="写明是谁的答卷的列，如 答卷编号")
    question: Name = Field(title="题目", description="写明是哪一题的列")
    answer: Name = Field(title="回答", description="回答所在的列")


PRIVACY = (
    "问卷不记姓名，填写的内容受《中华人民共和国个人信息保护法》保护，只合并统计，不对外提供任何一份答卷。"
    "填不填、填到哪一题，都由您自己决定。"
)
"""What a paper form says of privacy where the order does not: an assumption, said to be one."""


class ResponseFile(Part):
    """One file of answers, or of a ledger's records.

    Attributes
    ----------
    file : str
        Path relative to the workspace, or absolute.
    group : str or None
        Rater group of every answer in it; None where the questionnaire asks.
    mode : str or None
        How every answer in it was given; a question of the role ``mode`` tells it row by row.
    crosswalk : str or None
        Needed where columns and labels do not match the questionnaire exactly.
    header_rows : int or None
        Rows of the header, where they cannot be told from the answers.
    codebook : str or None
        The same answers exported the other way (by text / by number); never scored.
    platform : str or None
        Name of the platform whose export it is, where it was taken for another one.
    separator : str or None
        What stands between the choices of one cell, and nowhere else; see `between_choices`.
    where : dict of header to list of str
        Which rows are meant, where a file holds several waves.
    long : LongTable or None
        The file has one row a person and question.
    """

    file: Text = Field(title="文件", description="答卷文件的路径，相对于本文件夹")
    questionnaire: MaybeIdentifier = Field(
        default=None, title="问卷", description="用的是哪份问卷（问卷代码）；台账文件不写"
    )
    ledger: MaybeIdentifier = Field(
        default=None, title="台账", description="是哪份台账的记录（台账代码）；答卷文件不写"
    )
    group: MaybeIdentifier = Field(
        default=None, title="评价主体", description="文件里全是哪一类主体；问卷里问了主体则不写"
    )
    mode: Mode | None = Field(
        default=None,
        title="填答方式",
        description="文件里全是哪一种：paper 纸质、online 网上、telephone 电话、face_to_face 面访",
    )
    crosswalk: MaybeText = Field(
        default=None, title="对照表", description="列名、选项文字与问卷不一致时，对照表的路径"
    )
    sheet: MaybeText = Field(default=None, title="工作表", description="工作簿中有几张表时写明")
    encoding: MaybeText = Field(default=None, title="编码", description="CSV 出现乱码时写明")
    variant: Literal["text", "number", "score"] | None = Field(
        default=None, title="内容", description="单元格里是选项文字、序号还是分值；能认出则不写"
    )
    header_rows: int | None = Field(
        default=None,
        ge=1,
        le=9,
        title="表头行数",
        description="表头占几行（不算表头上面的标题）；能认出则不写",
    )
    codebook: MaybeText = Field(
        default=None, title="码表", description="同一批答卷用另一种方式导出的文件，只用来核对序号"
    )
    platform: MaybeName = Field(
        default=None, title="平台", description="由哪个平台导出（平台代码）；认对了则不写"
    )
    separator: MaybeText = Field(
        default=None,
        title="分隔符",
        description="多选题一格几项时，项与项之间的符号；看不见的写 换行、空格、制表符；能认出则不写",
    )
    where: dict[Name, SomeTexts] = Field(
        default_factory=dict,
        title="取哪些行",
        description="几个批次在同一个文件里时：列名 -> 取值（一个或几个），只读这些行",
    )
    long: LongTable | None = Field(
        default=None, title="长表", description="每行只有一题的回答时，哪几列是答卷、题目、回答"
    )

    @property
    def between_choices(self) -> str | None:
        """The declared separator itself."""
        return SPELLED_SEPARATORS.get((self.separator or "").strip(), self.separator)

    @property
    def source(self) -> str:
        """The questionnaire or the ledger that it is of."""
        return self.questionnaire or self.ledger or ""

    def faults(self, steps: Steps) -> Iterator[Fault]:
        """Yield a file of neither a questionnaire nor a ledger, or of both."""
        if (self.questionnaire is None) == (self.ledger is None):
            yield Fault(
                steps,
                "file_source",
                "文件要么是一份问卷的答卷，要么是一份台账的记录",
                expected="questionnaire 或 ledger，写一样",
                found="两样都没有" if self.ledger is None else "两样都写了",
                remedy="写明其中一样，删去另一样",
                needs=((*steps, "questionnaire"), (*steps, "ledger")),
            )


class Wave(Part):
    """One campaign, normally a year.

    Attributes
    ----------
    start, end : date or None
        Fieldwork; an answer submitted outside is not of this wave.
    records_since, records_until : date or None
        The days whose records are of this wave, where they are not those of the fieldwork: people
        are asked for some weeks, and ledgers tell of a year.
    issued : dict of rater group to int
        Questionnaires handed out.
    """

    id: Identifier = Field(title="批次", description="如 2016；按文字先后排列")
    title: MaybeTitle = Field(
        default=None, title="名称", description="页面上的叫法，默认“2016年度”"
    )
    start: Day | None = Field(default=None, title="开始", description="调查第一天，如 2016-11-14")
    end: Day | None = Field(default=None, title="结束", description="调查最后一天")
    records_since: Day | None = Field(
        default=None,
        exclude_if=not_,
        title="台账起",
        description="台账记录从哪一天起算这一批次，如 2016-01-01；不写就是调查第一天",
    )
    records_until: Day | None = Field(
        default=None,
        exclude_if=not_,
        title="台账止",
        description="台账记录到哪一天为止；不写就是调查最后一天",
    )
    issued: dict[Identifier, Annotated[int, Field(ge=0)]] = Field(
        default_factory=dict, title="发放份数", description="评价主体代码 -> 份数，用来算回收率"
    )
    files: list[ResponseFile] = Field(
        default_factory=list, title="答卷文件", description="这一批次的答卷文件"
    )

    @property
    def recorded(self) -> tuple[Day | None, Day | None]:
        """The first and the last day whose records are of this wave."""
        return self.records_since or self.start, self.records_until or self.end

    @property
    def answers(self) -> list[ResponseFile]:
        """The files of answers."""
        return [entry for entry in self.files if entry.questionnaire is not None]

    def speaking(self, ledgers: Container[str | None]) -> list[ResponseFile]:
        """Return the files that say something of scores: answers, and records of these ledgers."""
        return [f for f in self.files if f.questionnaire is not None or f.ledger in ledgers]

    @property
    def name(self) -> str:
        """How pages call the wave."""
        return self.title or (f"{self.id}年度" if self.id.isdigit() else self.id)


ENOUGH_DRAWS = 20_000
"""Fewer simulations leave the ends of rank sets to chance; they are for trying things out."""


class Settings(Part):
    """What an analyst may tune without touching the scheme."""

    seed: int = Field(default=20140101, ge=0, title="随机种子", description="决定模拟的随机数")
    draws: int = Field(
        default=ENOUGH_DRAWS,
        ge=200,
        title="模拟次数",
        description="名次区间的模拟次数；正式评估不少于20000次",
    )


class Quota(Part):
    """A grade that only so many may hold, and among whom they are counted."""

    grade: Title = Field(title="等第", description="有名额的等第，如 优")
    share: float = Field(gt=0, lt=100, title="比例", description="名额占参评人数的百分比，如 15")
    within: Literal["unit", "street"] = Field(
        default="street",
        title="范围",
        description="名额按什么算：street 全街道一起（不计同事互评）；unit 每个居民区各算各的",
    )


class Track(Part):
    """An evaluation of persons beside that of committees, in a folder of its own.

    Attributes
    ----------
    id : str
        Its documents, files and results lie in ``tracks/<id>/``, and paths are relative to that.
    colleagues : list of str
        Rater groups that judge their own committee's persons: they compare these with one another
        and with nobody else.
    """

    id: Identifier = Field(title="代码", description="也是文件夹名：tracks/<代码>/")
    title: Title = Field(title="名称", description="如 社工评价")
    kind: Literal["workers", "members"] = Field(
        title="对象", description="workers 社工；members 兼职委员、报到党员等成员"
    )
    word: MaybeTitle = Field(
        default=None,
        title="人的叫法",
        description="页面上怎样称呼这些人，如 委员；不写则按对象：社工、党员",
        exclude_if=lambda value: value is None,
    )
    roster: Text = Field(
        default="roster.csv", title="名册", description="人员名册：工号、居民区、岗位"
    )
    scheme: Text = Field(default="scheme.yaml", title="评估方案", description="本项评价自己的方案")
    colleagues: list[Identifier] = Field(
        default_factory=list,
        title="同事",
        description="方案里哪些主体是同事互评：只在同一个居民区之内比较",
    )
    quotas: list[Quota] = Field(
        default_factory=list, title="名额", description="有名额的等第，如 优 15%"
    )
    waves: list[Wave] = Field(
        min_length=1, title="批次", description="与评估的批次同名；文件路径相对于 tracks/<代码>/"
    )

    @property
    def called(self) -> str:
        """What pages call the persons."""
        return self.word or WORDS[self.kind]


class EvaluationOrder(Document):
    """One evaluation's folder, described."""

    title: Title = Field(title="标题", description="报告的题目")
    street: Title = Field(title="街道", description="街道、镇或市的名称")
    subject_word: Title = Field(
        default="居民区", title="对象的叫法", description="页面上怎样称呼评估对象"
    )
    street_word: Title = Field(
        default="街道",
        title="范围的叫法",
        description="页面上怎么称呼评估的整个范围：街道、镇、市",
    )
    synthetic: bool = Field(default=False, title="模拟数据", description="是则每页注明")
    scheme: Text = Field(
        default="scheme.yaml", title="评估方案", description="预设名，或方案文件的路径"
    )
    roster: Text = Field(default="roster.csv", title="名册", description="名册文件的路径")
    units: UnitsOrder | None = Field(
        default=None,
        title="层级",
        description="有几级单位（片区、居民区、小区……）时：各级的叫法，评的是哪一级，怎样往上汇总",
        exclude_if=lambda value: value is None,
    )
    waves: list[Wave] = Field(min_length=1, title="批次", description="按先后排列")
    unions: Literal["households", "population", "answers", "equal"] | None = Field(
        default=None,
        title="合并计算的权数",
        description=(
            "lineage.csv 里合并、拆分、划转过的居民区合起来比较时各自怎么计：households 按户数、"
            "population 按人口、answers 按答卷数、equal 各算一个；不写就用已知的第一种"
        ),
        exclude_if=lambda value: value is None,
    )
    notice: bool = Field(
        default=True, title="公示", description="为每个评估对象生成一页公示；不要则写 false"
    )
    contact: MaybeTitle = Field(
        default=None,
        title="联系方式",
        description="印在公示和纸质问卷上，如“某某街道自治办，电话……”",
    )
    privacy: Text = Field(
        default=PRIVACY,
        title="隐私声明",
        description="印在纸质问卷首页；不写就用程序的默认文字，请委托单位核定",
    )
    papers: list[Coat] = Field(
        default=list(COATS),
        title="文书",
        description="做哪几种：pdf、docx（可编辑的报告和诊断书）、pptx（汇报幻灯片）；不写就都做",
    )
    commissioned_by: MaybeTitle = Field(
        default=None, title="委托单位", description="写了就印在街道报告的封面上"
    )
    issued_by: MaybeTitle = Field(
        default=None, title="评估机构", description="写了就印在封面落款处，盖章的单位"
    )
    seal: bool = Field(
        default=True, title="盖章处", description="评估机构名下是否注明盖章；不盖章的写 false"
    )
    signed: Day | None = Field(
        default=None, title="落款日期", description="如 2016-12-30；不写就留空线"
    )
    classification: MaybeTitle = Field(
        default=None, title="密级", description="印在封面左上角，如“内部资料”"
    )
    copy_number: CopyNumber = Field(
        default=None, title="份号", description="印在封面左上角，如 000001"
    )
    calendar: Calendar = Field(
        default=[],
        title="工作日历",
        description=(
            "china：按国务院公布的放假安排；程序还不知道的年份，"
            "列出该年平日放假和周末上班的日子，如 [2027-01-01]"
        ),
    )
    settings: Settings = Field(default_factory=Settings, title="设置", description="一般不必改动")
    tracks: list[Track] = Field(
        default_factory=list,
        title="个人评价",
        description="对社工、兼职委员等个人的评价，各自在 tracks/<代码>/ 里，结果另存",
    )

    _unit_word: str | None = PrivateAttr(default=None)

    @property
    def unit_word(self) -> str:
        """What pages call a committee: of a track where persons work, else what is evaluated."""
        return self._unit_word or self.subject_word

    def notes(self) -> tuple[Note, ...]:
        """Return what in this order is allowed, and yet every reader must know."""
        if self.settings.draws >= ENOUGH_DRAWS:
            return ()
        facts = {"enough": ENOUGH_DRAWS}
        return (Note(NoteCode.FEW_DRAWS, count=self.settings.draws, facts=facts),)

    @property
    def covered(self) -> bool:
        """Whether anything is said that belongs on a cover."""
        said = (self.commissioned_by, self.issued_by, self.signed)
        return any((*said, self.classification, self.copy_number))

    def wave(self, wave_id: str) -> Wave:
        """Return the wave of that id; `UnknownId` if there is none."""
        for wave in self.waves:
            if wave.id == wave_id:
                return wave
        raise UnknownId("wave", wave_id, [wave.id for wave in self.waves])

    def wave_name(self, wave_id: str) -> str:
        """Return how pages call a wave, also one that only the database remembers."""
        known = {wave.id: wave for wave in self.waves}
        return known.get(wave_id, Wave(id=wave_id)).name

    def issued(self, wave_id: str) -> dict[str, int]:
        """Return the questionnaires handed out in a wave by group; empty where not recorded."""
        return dict({wave.id: wave.issued for wave in self.waves}.get(wave_id, {}))

    def faults(self) -> Iterator[Fault]:
        """Yield placeholders, waves out of order, periods reversed, and files claimed twice."""
        yield from placeholders(((("title",), self.title), (("street",), self.street)))
        if self.units is not None:
            yield from self.units.faults(("units",), self.subject_word)
        yield from wave_faults(("waves",), self.waves)
        yield from track_faults(self)
