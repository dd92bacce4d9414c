"""Which part of each document stands in which sheet of its workbook."""

from __future__ import annotations

from pydantic import BaseModel

from evalkit.definitions.actions import Action, ActionLibrary, Matter, StreetTask
from evalkit.definitions.city import CityRoster, CitySubject, Street, Streets
from evalkit.definitions.claims import Claim, Claims, Term
from evalkit.definitions.counts import Counts
from evalkit.definitions.crosswalk import ColumnMapping, Crosswalk
from evalkit.definitions.documents import Document
from evalkit.definitions.ledger import (
    Clock,
    Ledger,
    LedgerColumn,
    LedgerMeasure,
    Passage,
    State,
)
from evalkit.definitions.ledger_rules import Balance, Exclusion
from evalkit.definitions.levels import Count
from evalkit.definitions.lineage import Lineage, Succession
from evalkit.definitions.persons import Person, Persons
from evalkit.definitions.questionnaire import Item, Option, Questionnaire
from evalkit.definitions.raters import RaterGroup
from evalkit.definitions.roster import Roster, Subject
from evalkit.definitions.scheme import Alternative, Dimension, Grade, Indicator, Scheme
from evalkit.definitions.sheets.columns import FieldColumn, columns_of
from evalkit.definitions.sheets.shapes import Children, Families, Layout, Pairs, Records, Singles
from evalkit.definitions.themes import Theme, Themes


def _only(model: type[BaseModel], *fields: str) -> tuple[FieldColumn, ...]:
    by_field = {column.field: column for column in columns_of(model)}
    return tuple(by_field[field] for field in fields)


def _text(field: str, title: str, description: str, *, required: bool = True) -> FieldColumn:
    return FieldColumn(field, title, description, "text", False, required)


LAYOUTS: dict[type[Document], tuple[Layout, ...]] = {
    Scheme: (
        Singles(
            "方案",
            columns_of(
                Scheme,
                ("published", "assumptions", "groups", "dimensions", "grades", "alternatives"),
            ),
        ),
        Records("评价主体", "groups", columns_of(RaterGroup)),
        Records("维度", "dimensions", columns_of(Dimension, ("indicators",))),
        Children(
            "指标",
            "dimensions",
            "indicators",
            _only(Dimension, "code")[0],
            columns_of(Indicator),
            parents_sheet="维度",
        ),
        Records("等第", "grades", columns_of(Grade)),
        Records("备选方案", "alternatives", columns_of(Alternative), required=False),
        Singles("依据", _only(Scheme, "published", "assumptions"), required=False),
    ),
    Questionnaire: (
        Singles("问卷", _only(Questionnaire, "id", "title", "introduction", "assumptions")),
        Records("题目", "items", columns_of(Item, ("options",))),
        Families(
            "量表", "scales", _text("scale", "量表", "几道题共用的选项的名称"), columns_of(Option)
        ),
        Children(
            "选项",
            "items",
            "options",
            _only(Item, "id")[0],
            columns_of(Option),
            required=False,
            parents_sheet="题目",
        ),
    ),
    Roster: (Records("名册", "subjects", columns_of(Subject)),),
    Persons: (Records("人员名册", "subjects", columns_of(Person)),),
    Counts: (Records("人口与户数", "counts", columns_of(Count)),),
    Lineage: (Records("沿革", "events", columns_of(Succession)),),
    Streets: (Records("街道", "streets", columns_of(Street)),),
    CityRoster: (Records("名册", "subjects", columns_of(CitySubject)),),
    Crosswalk: (
        Singles("对照", columns_of(Crosswalk, ("columns", "values", "subjects"))),
        Records("列", "columns", columns_of(ColumnMapping)),
        Pairs(
            "取值",
            "values",
            (
                _text("item", "题目", "题目代码"),
                _text("text", "文件中的文字", "问卷里没有的写法"),
            ),
            _text("code", "选项序号", "对应的选项序号；留空则该回答无效", required=False),
        ),
        Pairs(
            "居民区",
            "subjects",
            (_text("name", "文件中的名称", "名册里没有的写法"),),
            _text("id", "居民区", "对应的居民区代码；留空则不计入", required=False),
        ),
    ),
    Ledger: (
        Singles(
            "台账",
            columns_of(
                Ledger,
                (
                    *("columns", "values", "exclude", "clocks", "measures", "balances"),
                    *("states", "transitions"),
                    *("assumptions", "withdrawn", "finished", "running", "drop", "key"),
                ),
            ),
        ),
        Records("列", "columns", columns_of(LedgerColumn)),
        Pairs(
            "取值",
            "values",
            (_text("column", "列", "选项列的代码"), _text("text", "取值", "文件中的文字")),
            _text("score", "分值", "0-100；留空为没有评价", required=False),
        ),
        Records("不计的记录", "exclude", columns_of(Exclusion), required=False),
        Records("时限", "clocks", columns_of(Clock), required=False),
        Records("环节", "states", columns_of(State), required=False),
        Records("另许的流转", "transitions", columns_of(Passage), required=False),
        Records("度量", "measures", columns_of(LedgerMeasure), required=False),
        Records("平衡", "balances", columns_of(Balance), required=False),
        Singles(
            "清单",
            _only(Ledger, "key", "drop", "withdrawn", "finished", "running", "assumptions"),
            required=False,
        ),
    ),
    ActionLibrary: (
        Singles("措施库", columns_of(ActionLibrary, ("actions", "street", "matters"))),
        Records("措施", "actions", columns_of(Action)),
        Records("街道统筹", "street", columns_of(StreetTask), required=False),
        Records("事项类别", "matters", columns_of(Matter), required=False),
    ),
    Themes: (
        Singles("主题词表", columns_of(Themes, ("themes",))),
        Records("主题", "themes", columns_of(Theme)),
    ),
    Claims: (
        Singles("清单", columns_of(Claims, ("claims",))),
        Records("公布的数", "claims", columns_of(Claim, ("terms",))),
        Children(
            "各项",
            "claims",
            "terms",
            _only(Claim, "id")[0],
            columns_of(Term),
            required=False,
            parents_sheet="公布的数",
        ),
    ),
}
"""The sheets of every document, in the order in which they are written and read."""
