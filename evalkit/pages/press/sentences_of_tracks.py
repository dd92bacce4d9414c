"""The sentences of the notes on evaluations of persons; see `sentences` for how they are written."""

from __future__ import annotations

from collections.abc import Mapping

from evalkit.codes import NoteCode
from evalkit.pages.press.sentence import Sentence

OF_TRACKS: Mapping[NoteCode, Sentence] = {
    NoteCode.COLLEAGUES_NOT_KNOWN: Sentence(
        "“{group}”有 {count} 份的评价人在人员名册里找不到（{column} 列，行 {rows:few}）："
        "其中若有自评，去不掉",
        "把评价人改成名册里的工号、姓名或别名",
    ),
    NoteCode.COLLEAGUES_ALL_ALIKE: Sentence(
        "“{group}”的 {raters} 名评价人中有 {count} 名给每个人的每道题都是同一个选项（行 {rows:few}）："
        "这样的评价分不出高低，照样计入",
        "多数人都这样评的，这一主体不宜占多少权重；改用有具体事实的题目，或请人分别填写",
    ),
    NoteCode.QUOTA_WITHOUT_PLACE: Sentence(
        "有 {count} 个{committee}按“{grade}”{share:g}% 的比例不满一个名额，没有名额",
        "几个{committee}合并核定，或改为 within: street 全{street}一起算",
    ),
    NoteCode.QUOTA_UNDECIDED: Sentence(
        "“{grade}”的名额，有 {count} 个{subject}这次的数据分不出该在内还是在外：只给可能性，不排先后",
        "请结合事实和民主程序决定，不要按小数点后的分数取舍",
    ),
}
"""By code: the sentence, and what whoever reads it can do."""
