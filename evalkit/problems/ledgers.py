"""What can be wrong with a file of a ledger's records."""

from __future__ import annotations

from collections.abc import Sequence

from evalkit.errors import Problem
from evalkit.problems.intake import Position

SHOWN = 5
"""Rows that one problem lists."""


def _rows(rows: Sequence[int]) -> str:
    listed = "、".join(str(row) for row in rows[:SHOWN])
    return f"第 {listed} 行" + (f"等 {len(rows)} 行" if len(rows) > SHOWN else "")


def personal_column_refused(place: Position) -> Problem:
    """Say that a column that nobody declared looks personal; its values are never shown."""
    return place.of(
        Problem(
            "personal_column_refused",
            "这一列没有在台账里写明，看上去是个人信息，不读",
            expected="姓名、电话、证件号、地址等列写进台账的 drop，或从文件中删去",
            found="（不显示内容）",
            remedy="把列名写进台账的 drop；确实不是个人信息的，写进 columns",
        )
    )


def record_column_missing(place: Position, column: str, headers: Sequence[str]) -> Problem:
    """Say that a column that the ledger needs is not in the file."""
    return place.of(
        Problem(
            "record_column_missing",
            f"缺少台账的列 {column}",
            expected="、".join(headers),
            found=f"没有（以第 {place.row} 行为表头）",
            remedy="改正列名；或运行 evalkit check 起草对照表，核对后批准；"
            "表头认错的，在 evaluation.yaml 的该文件下写明 header_rows",
        )
    )


def record_column_twice(place: Position, column: str, headers: Sequence[str]) -> Problem:
    """Say that several columns of the file may be one of the ledger's."""
    return place.of(
        Problem(
            "record_column_twice",
            f"几列都像台账的列 {column}",
            expected="一列",
            found="、".join(headers),
            remedy="删去或改名多余的列；或运行 evalkit check 起草对照表，写明是哪一列",
        )
    )


def column_undecided(place: Position, column: str) -> Problem:
    """Say that an approved crosswalk leaves open what a column, or a value of it, is."""
    return place.of(
        Problem(
            "column_undecided",
            "对照表还没有决定这一处",
            expected="台账的列或取值；不导入的留空",
            found=column,
            remedy="在对照表里把 ? 改成决定",
        )
    )


def value_unknown(place: Position, found: str, count: int, known: Sequence[str]) -> Problem:
    """Say that a value, in so many rows, is none that the ledger declares."""
    return place.of(
        Problem(
            "value_unknown",
            f"台账没有这个取值（{count} 行）",
            expected=" / ".join(known),
            found=found,
            remedy="改正文件；或在台账 values 中补上；或在对照表 values 中写明它是哪个取值",
        )
    )


def time_unread(place: Position, found: str, rows: Sequence[int]) -> Problem:
    """Say that cells of a time column cannot be read as times."""
    return place.of(
        Problem(
            "time_unread",
            f"读不出时间（{_rows(rows)}）",
            expected="如 2024-05-06 15:05:00；半夜写 00:00，不写 24:00",
            found=found,
            remedy="改正这些单元格；没有时间的留空",
        )
    )


def time_order_unclear(place: Position, found: str) -> Problem:
    """Say that day and month of a time column cannot be told apart."""
    return place.of(
        Problem(
            "time_order_unclear",
            "看不出日期中哪个是月、哪个是日",
            expected="整列用一种没有歧义的写法，如 2024-05-06",
            found=found,
            remedy="把这一列的日期改成 2024-05-06 这样的写法",
        )
    )


def time_zones_mixed(place: Position, rows: Sequence[int]) -> Problem:
    """Say that some times of a column name a zone and others do not."""
    return place.of(
        Problem(
            "time_zones_mixed",
            f"有的时间带时区，有的不带（不带的：{_rows(rows)}）",
            expected="整列都带时区，或都不带",
            remedy="从系统重新导出，或统一改成北京时间",
        )
    )


def number_unread(place: Position, found: str, rows: Sequence[int]) -> Problem:
    """Say that cells of a number column hold no number, or one below 0."""
    return place.of(
        Problem(
            "number_unread",
            f"这一列应为不小于 0 的数（{_rows(rows)}）",
            expected="数，如 12 或 3.5；百分数写成 95 或 95%",
            found=found,
            remedy="改正这些单元格；以等号开头的公式改成数；没有的留空",
        )
    )


def several_units(place: Position, found: str, rows: Sequence[int]) -> Problem:
    """Say that a cell names several units."""
    return place.of(
        Problem(
            "several_units",
            f"一个单元格里写了几个单位（{_rows(rows)}）",
            expected="一个：实际办理的",
            found=found,
            remedy="每条记录只留实际办理的一个；由几家合办、分不清的，写进台账的 exclude",
        )
    )


def key_incomplete(place: Position, rows: Sequence[int]) -> Problem:
    """Say that a part of the key is empty."""
    return place.of(
        Problem(
            "key_incomplete",
            f"主键的一部分是空的（{_rows(rows)}）",
            expected="每条记录都有",
            found="（空）",
            remedy="补上编号；没有编号的表，从台账的 key 中删去这一列",
        )
    )


def key_twice(
    place: Position, count: int, rows: Sequence[int], elsewhere: tuple[str, int] | None = None
) -> Problem:
    """Say that records of one key say different things; the first stands elsewhere in that file."""
    return place.of(
        Problem(
            "key_twice",
            f"{count} 个主键各有几条内容不同的记录",
            expected="一个主键一条记录",
            found=_rows(rows)
            + (f"；另见 {elsewhere[0]} 第 {elsewhere[1]} 行" if elsewhere else ""),
            remedy="留下最新的一条；重办后沿用旧号的，把能区分的列也写进台账的 key",
        )
    )


def key_in_two_waves(
    place: Position, wave: str, rows: Sequence[int], other: tuple[str, str, int]
) -> Problem:
    """Say that records of a file count in two waves; the first in the other wave's file and row."""
    return place.of(
        Problem(
            "key_in_two_waves",
            f"{len(rows)} 条记录在批次 {wave}、{other[0]} 里都计入",
            expected="一条记录只在一个批次计入",
            found=f"{_rows(rows)}；另见 {other[1]} 第 {other[2]} 行",
            remedy="在台账写明 wave_by；或从其中一个文件删去这些行",
        )
    )


def end_before_start(place: Position, first: str, rows: Sequence[int]) -> Problem:
    """Say that something ends before it begins."""
    return place.of(
        Problem(
            "end_before_start",
            f"结束时间早于开始时间（{_rows(rows)}）",
            expected=f"不早于“{first}”列的时间",
            remedy=_EXCHANGED,
        )
    )


def deadline_before_start(place: Position, first: str, rows: Sequence[int]) -> Problem:
    """Say that something falls due before it begins."""
    return place.of(
        Problem(
            "deadline_before_start",
            f"截止时间早于开始时间（{_rows(rows)}）",
            expected=f"不早于“{first}”列的时间",
            remedy=_EXCHANGED,
        )
    )


_EXCHANGED = "核对这些记录；两列认反了的，改正台账或对照表"


def closed_without_time(place: Position, rows: Sequence[int]) -> Problem:
    """Say that records are closed by their state and have no time of closing."""
    return place.of(
        Problem(
            "closed_without_time",
            f"状态是办结，却没有办结时间（{_rows(rows)}）",
            expected="办结时间",
            found="（空）",
            remedy="补上办结时间；或改正状态",
        )
    )


def open_with_time(place: Position, rows: Sequence[int]) -> Problem:
    """Say that records that are not closed have a time of closing: perhaps that of an update."""
    return place.of(
        Problem(
            "open_with_time",
            f"状态不是办结，却有办结时间（{_rows(rows)}）：可能把“更新时间”当成了办结时间",
            expected="空",
            remedy="确认这一列是不是办结时间；不是的，改正台账或对照表",
        )
    )


def part_above_whole(place: Position, rows: Sequence[int]) -> Problem:
    """Say that a numerator is above its denominator."""
    return place.of(
        Problem(
            "part_above_whole",
            f"分子大于分母（{_rows(rows)}）",
            expected="不大于分母",
            remedy="核对这些行；两列认反了的，改正台账或对照表",
        )
    )


def counts_do_not_add_up(
    place: Position, parts: str, rows: Sequence[int], total: float, added: float
) -> Problem:
    """Say that parts do not add up to their total."""
    return place.of(
        Problem(
            "counts_do_not_add_up",
            f"各部分加起来不等于总数（{_rows(rows)}）",
            expected=parts,
            found=f"{total:g}，各部分之和 {added:g}",
            remedy="核对这些行；上期结转的只计一次",
        )
    )


def count_blank(place: Position, columns: Sequence[str], rows: Sequence[int]) -> Problem:
    """Say that cells are blank of what is added up, and a blank may be none or not known."""
    return place.of(
        Problem(
            "count_blank",
            f"该有数的地方空着，看不出是没有还是不知道（{_rows(rows)}）",
            expected=f"这些行的“{'”“'.join(columns)}”都有数",
            found="（空）",
            remedy="没有的填 0；不知道的向填表人问清，问不到的删去整行",
        )
    )


def stated_otherwise(place: Position, stated: str, computed: str, like: str | None) -> Problem:
    """Say that the file states a rate that its own counts contradict; `like` names another it is."""
    swapped = "" if like is None else f"；它与“{like}”相同，两列的标题可能写反了"
    return place.of(
        Problem(
            "stated_otherwise",
            "文件自己写的百分比与它的数算出来的不同",
            expected=computed,
            found=f"{stated}{swapped}",
            remedy="核对数和百分比；标题写反的改正列名",
        )
    )


def no_usable_record(place: Position, why: Sequence[tuple[str, int]]) -> Problem:
    """Say that no row of a file is a record that counts; `why` has reasons and numbers of rows."""
    return place.of(
        Problem(
            "no_usable_record",
            "文件里没有一条可用的记录",
            expected="至少一条",
            found="；".join(f"{reason} {count}" for reason, count in why) or "0 行",
            remedy="检查文件是否放错批次或台账，或上面列出的原因",
        )
    )


def no_records(ledger: str, wave: str, waves: Sequence[str]) -> Problem:
    """Say that there are no records of a ledger in a wave; `waves` are those that have some."""
    return Problem(
        "no_records",
        f"批次 {wave} 没有台账 {ledger} 的记录文件",
        file="evaluation.yaml",
        key="waves.files",
        expected="、".join(waves) or "至少一个批次有 ledger: 这份台账的文件",
        found=wave,
        remedy="改用有记录的台账和批次；或在 evaluation.yaml 的 files 里写上文件",
    )


def no_states(ledger: str) -> Problem:
    """Say that a ledger declares no states, so that its records are no loop."""
    return Problem(
        "no_states",
        f"台账 {ledger} 没有写明环节",
        file=f"ledgers/{ledger}.yaml",
        key="states",
        expected="依次的环节（states），或一行一次流转的表（case、state、happened）",
        found="没有",
        remedy="把环节写进台账",
    )


def measure_without_records(wave: str, ledger: str, measure: str) -> Problem:
    """Say that an indicator is made of a measure of which a wave's files hold nothing."""
    return Problem(
        "measure_without_records",
        f"批次 {wave} 的台账 {ledger} 没有一条记录能算“{measure}”，方案的指标却用它",
        file="evaluation.yaml",
        key=f"waves({wave}).files",
        expected="至少一条记录有这一项",
        found="没有（可能文件里没有这一列）",
        remedy="补上这一列或文件；或从方案的指标中删去这个度量",
    )


def coverage_without_boundaries(ledger: str, measure: str) -> Problem:
    """Say that the coverage of areas is wanted and nobody knows the areas."""
    return Problem(
        "coverage_without_boundaries",
        f"台账 {ledger} 的“{measure}”算的是面积，没有边界就算不出来",
        file="boundaries.geojson",
        expected="每个评估对象一条边界的 GeoJSON 文件",
        found="没有这个文件",
        remedy="放进边界文件；或写明被覆盖的（reached），改算楼栋、小区；或从台账删去这个度量",
    )


def point_blank(place: Position, rows: Sequence[int]) -> Problem:
    """Say that records have no place, or half of one."""
    return place.of(
        Problem(
            "point_blank",
            f"没有写经纬度，或只写了一半（{_rows(rows)}）：漏了位置，覆盖就算少了",
            expected="每条记录都有经度和纬度",
            found="（空）",
            remedy="补上；没有固定位置的，从文件中删去，或写进台账的 exclude",
        )
    )


def point_turned(place: Position, rows: Sequence[int]) -> Problem:
    """Say that longitude and latitude are exchanged."""
    return place.of(
        Problem(
            "point_turned",
            f"经度和纬度写反了（{_rows(rows)}）",
            expected="经度在前一列说明的列里，如 121.39；纬度如 31.25",
            found="经度列里是纬度",
            remedy="改正列名或对照表；只有几行写反的，改正这些行",
        )
    )


def point_nowhere(place: Position, rows: Sequence[int]) -> Problem:
    """Say that numbers are no degrees of a place in China."""
    return place.of(
        Problem(
            "point_nowhere",
            f"不是国内的经纬度（{_rows(rows)}）",
            expected="以度为单位的小数：经度 73 至 136，纬度 3 至 54.5",
            remedy="度分秒的换算成小数；平面坐标的在 GIS 软件里换算成经纬度",
        )
    )


def point_outside(place: Position, rows: Sequence[int], metres: float) -> Problem:
    """Say that places lie so far from all boundaries that they reach nothing."""
    return place.of(
        Problem(
            "point_outside",
            f"位置在所有边界之外，离得太远（{_rows(rows)}）",
            expected="在边界之内，或在半径以内的近旁",
            found=f"最远的离边界 {metres:,.0f} 米",
            remedy="核对经纬度和坐标系（system）；确实不在本地的，从文件中删去",
        )
    )


def link_to_nothing(
    place: Position, found: str, rows: Sequence[int], ledgers: Sequence[str]
) -> Problem:
    """Say that records point to records that are not there."""
    return place.of(
        Problem(
            "link_to_nothing",
            f"指向的记录不存在（{_rows(rows)}）",
            expected=f"《{'》《'.join(ledgers)}》里有的编号",
            found=found,
            remedy="改正编号；那一条确实没有了的，把这条对接也删去或改为取消",
        )
    )


def list_incomplete(wave: str, ledger: str, lacking: str) -> Problem:
    """Say that a list is not there, or has not what proposals are made of."""
    return Problem(
        "list_incomplete",
        f"批次 {wave} 的清单 {ledger} 不够配对供需",
        file="evaluation.yaml",
        key=f"waves({wave}).files",
        expected="需求清单（needs）有类别，资源清单（resources）有类别和容量",
        found=f"没有{lacking}",
        remedy="补上文件或这一列；列名不同的，运行 evalkit check 起草对照表",
    )
