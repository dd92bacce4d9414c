"""The sentences of what is told of published numbers; see `sentences` for how they are written."""

from __future__ import annotations

from collections.abc import Mapping

from evalkit.codes import ClaimReason, ClaimVerdict, NoteCode

CLAIM_NOTES: Mapping[NoteCode, tuple[str, str]] = {
    NoteCode.CLAIMS_CONTRADICTED: (
        "公布过的数有 {count} 个与重新算出来的不符（{numbers:few}），见“数据核对”",
        "先查 claims.yaml 抄得对不对，再请提供数字的科室核实、更正",
    ),
}
"""By code: the sentence, and what whoever reads it can do."""

VERDICTS: Mapping[ClaimVerdict, str] = {
    ClaimVerdict.CONTRADICTED: "怎样四舍五入也得不出公布的数",
    ClaimVerdict.PARTIAL: "列出来的加起来不到公布的数，原文没有列全",
    ClaimVerdict.ROUNDING: "照写出的数算差一点，差的在四舍五入之内",
    ClaimVerdict.AGREES: "重新算出来就是公布的数",
    ClaimVerdict.UNVERIFIABLE: "手头没有能算出它的材料，不是说它不对",
}
"""What every verdict means."""

REASONS: Mapping[ClaimReason, str] = {
    ClaimReason.NOT_AT_HAND: "手头没有材料",
    ClaimReason.NO_RECORDS: "手头没有这份台账的记录",
    ClaimReason.FEW: "所依据的记录太少，不公布",
    ClaimReason.BLANKS: "台账里要相加的有空着的，空着不等于零",
    ClaimReason.UNATTRIBUTED: "台账里有没有写明单位的记录，不在其中：加上它们就可能对得上",
    ClaimReason.NO_POPULATION: "名册没有写全人口",
    ClaimReason.NO_QUOTIENT: "分母可能是零，无从相除",
    ClaimReason.ONLY_BOUNDS: "给出的只是大概的范围，与公布的数不矛盾，也证实不了",
    ClaimReason.EXCHANGED: "与同一份材料的另一个数正好互换，可能写反了",
}
"""What stands beside a verdict."""
