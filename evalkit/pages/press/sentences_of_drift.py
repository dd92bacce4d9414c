"""What notes on a file beside the last wave's say; part of the catalogue in `sentences`.

Each says what stood there, what stands there, and what it does to comparisons.
"""

from __future__ import annotations

from collections.abc import Mapping

from evalkit.codes import NoteCode
from evalkit.pages.press.sentence import Sentence

_ONLY_DECLARED = (
    "粗细不同的选项不会自动折算：问卷没有的旧选项是要改正的问题，"
    "只有在对照表 values 中写明它按哪个选项计分，两个批次才比较，并在各页注明这是假设"
)
_LINK = "核对是否合并、拆分；是的，在该批次文件的对照表 values 中逐项写明旧选项按哪个选项计分"

OF_DRIFT: Mapping[NoteCode, Sentence] = {
    NoteCode.EXPORTED_OTHERWISE: Sentence(
        "上一批次（{previous}）{before}导出，本次{after}导出。影响：选项的序号和方向无从核对，"
        "有选项对照（codebook）时才比较选项",
        "两个批次用同样的方式导出，或加上按文本导出的文件作 codebook",
    ),
    NoteCode.QUESTION_ADDED: Sentence(
        "{after}是本次新增的，上一批次（{previous}）没有。影响：这道题没有变化可说；"
        "计分的，它所在的指标两个批次测法不同，不列走势，不比较满意率",
        "核对是不是改了题干的旧题；是的，两个批次对应到同一道题",
    ),
    NoteCode.QUESTION_DROPPED: Sentence(
        "{before}本次没有了，上一批次（{previous}）有。影响：这道题没有变化可说；"
        "计分的，它所在的指标两个批次测法不同，不列走势，不比较满意率",
        "核对是不是改了题干；是的，两个批次对应到同一道题",
    ),
    NoteCode.QUESTION_MOVED: Sentence(
        "{question}由{before}移到{after}（上一批次 {previous}）。"
        "影响：按题干对应，得分照常比较；前后题变了，答法可能跟着变",
        "无须处理；下次沿用同样的顺序",
    ),
    NoteCode.QUESTION_REWORDED: Sentence(
        "{question}的题干由“{before}”改为“{after}”（上一批次 {previous}）。"
        "影响：对应到同一道题的照常比较，变化有一部分可能来自说法",
        "核对问的是不是同一件事；不是的，在问卷中另立一道题",
    ),
    NoteCode.OPTIONS_RECODED: Sentence(
        "{question}的选项序号由 {before} 改为 {after}（上一批次 {previous}）。"
        "影响：按选项文字计分的照常比较；只按序号计分的，两个批次的分不是一回事",
        "按文本导出，或用 codebook 说明每个文件的序号",
    ),
    NoteCode.OPTIONS_REVERSED: Sentence(
        "{question}的选项顺序{suspected:疑似|}与上一批次（{previous}）相反：上一批次 {before}，本次 {after}。"
        "影响：按选项文字计分的照常比较；只按序号计分的，好评会算成差评",
        "对照问卷核实；确实相反的，在对照表该列写 reversed: true，或用 codebook 说明序号",
    ),
    NoteCode.OPTIONS_MERGED: Sentence(
        "{question}的选项疑似合并：上一批次（{previous}）的 {before}，本次是 {after}。影响："
        + _ONLY_DECLARED,
        _LINK,
    ),
    NoteCode.OPTIONS_SPLIT: Sentence(
        "{question}的选项疑似拆分：上一批次（{previous}）的 {before}，本次是 {after}。影响："
        + _ONLY_DECLARED,
        _LINK,
    ),
    NoteCode.OPTIONS_CHANGED: Sentence(
        "{question}的选项与上一批次（{previous}）不同：{changes}。"
        "影响：问卷（居民区名称则为名册）没有的是要改正的问题；都有的照常比较，少了或多了选项，答法可能跟着变",
        "核对是不是改了文字；改了文字的，在对照表 values 中写明它是哪个选项",
    ),
}
"""By code, in the order of the flow."""
