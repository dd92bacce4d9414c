"""The sentences of the notes on ledgers; see `sentences` for how they are written."""

from __future__ import annotations

from collections.abc import Mapping

from evalkit.codes import NoteCode

LEDGER_NOTES: Mapping[NoteCode, tuple[str, str]] = {
    NoteCode.LEDGER_UNATTRIBUTED: (
        "{rows} 条记录中有 {count} 条没有写明由哪个{subject}办理，不计入任何一个{subject}",
        "请记录单位补上承办单位；补不上的，结果只说明其余的记录",
    ),
    NoteCode.LEDGER_DAYS_ONLY: (
        "{column} 列有 {count} 个时间恰在零点，按只有日期、没有钟点处理：与截止时间比较时只比日期",
        "系统里有钟点的，导出时带上",
    ),
    NoteCode.LEDGER_BULK_CLOSINGS: (
        "{column} 列有 {count} 条记录集中在 {times} 个十分钟内，像是成批点的办结：办结时间不一定是真的",
        "向记录单位核实这几批的实际办结时间",
    ),
    NoteCode.LEDGER_WENT_BACK: (
        "有 {count} 条记录的环节往回走，多数是“{step}”（如第 {rows} 行），照时间先后计入流转",
        "核实这些时间；确实允许往回走的，写进台账的 transitions",
    ),
    NoteCode.LEDGER_STEP_LACKING: (
        "有 {count} 条记录后面的环节有了，前面的却没有，多数缺“{step}”（如第 {rows} 行）",
        "补上时间；可以不经过这一环节的，在台账 states 里写 optional: true",
    ),
    NoteCode.LEDGER_ONE_RATING: (
        "“{measure}”的 {count} 个评价全是“{value}”，分不出{subject}之间的差别",
        "核实评价是怎样收集的；若由承办单位代填，不宜计分",
    ),
    NoteCode.LEDGER_LINK_UNCHECKED: (
        "“{column}”列有 {count} 行，指向的台账（{ledgers}）没有文件，对不对得上没有核对",
        "把那份清单的文件也写进 evaluation.yaml",
    ),
    NoteCode.LEDGER_BEYOND_CAPACITY: (
        "“{column}”列有 {count} 项对接超过了容量，超得最多的是 {first}：对接 {taken} 条，容量 {capacity}",
        "核对容量和对接清单；做不到的，改为取消或另找资源",
    ),
    NoteCode.LEDGER_STREET_MEAN: (
        "有 {count} 个{subject}在台账“{ledger}”的某项度量上没有一条记录，按{street}平均水平计，误差相应放宽",
        "不想这样计的，在台账写 when_none: incomplete，没有记录的{subject}就只列出、不排名",
    ),
    NoteCode.LEDGER_AT_CEILING: (
        "台账“{ledger}”的“{measure}”有 {count} 个{subject}是满分，多数{subject}靠它分不出高低",
        "它对名次几乎没有作用；要它起作用，换一个有差别的度量",
    ),
}
"""By code: the sentence, and what whoever reads it can do."""
