"""The sentences of notes about files and exports, before anything is known of their answers.

How a sentence is written is said in `sentences`.
"""

from __future__ import annotations

from collections.abc import Mapping

from evalkit.codes import NoteCode
from evalkit.pages.press.sentence import Sentence

OF_FILES: Mapping[NoteCode, Sentence] = {
    NoteCode.ENCODING_DOUBTFUL: Sentence(
        "按 GB18030 读出了不常用的字符，文件可能是别的编码（如 Big5）；若有乱码，请声明编码",
        "在 evaluation.yaml 的该文件下写明 encoding",
    ),
    NoteCode.ENCODING_NOT_USED: Sentence(
        "工作簿不需要声明编码，已忽略", "删去 evaluation.yaml 中该文件的 encoding"
    ),
    NoteCode.ROWS_TOO_LONG: Sentence(
        "有些行比表头多出几格，常见原因是文字里的分隔符没有加引号",
        "在这些行的文字两端加上引号，或从平台重新导出",
    ),
    NoteCode.ROWS_TOO_SHORT: Sentence(
        "有些行比表头少几格，缺的按空白读入", "核对这些行是否被截断；必要时从平台重新导出"
    ),
    NoteCode.INTEGERS_DAMAGED: Sentence(
        "列 {columns:few} 有 16 位以上的数字按数值存放，末几位在文件里已经丢失；"
        "身份证号、编号等请在录入时设为文本",
        "从平台重新导出，不要用 Excel 另存",
    ),
    NoteCode.LEADING_ZEROS_FORMATTED: Sentence(
        "列 {columns:few} 的前导零只是单元格格式，读到的是没有前导零"
        "的数字；编号请在 Excel 中设为文本",
        "把该列设为文本后重新填写",
    ),
    NoteCode.ERROR_CELLS: Sentence(
        "有公式出错的单元格（如 #N/A），按空白读入", "改正公式，或改为数值"
    ),
    NoteCode.FORMULAS_UNCOMPUTED: Sentence(
        "有公式从未计算过，按空白读入；请用 Excel 打开后保存一次", "用 Excel 打开后保存一次"
    ),
    NoteCode.MERGED_CELLS: Sentence(
        "有合并单元格，只有左上角一格有内容", "取消合并，在每一格写上内容"
    ),
    NoteCode.PERCENT_FORMATTED: Sentence(
        "列 {columns:few} 按百分比显示（如 85%），读到的是存放的数（0.85）",
        "把该列改为“常规”格式的数，或设为文本后重新填写",
    ),
    NoteCode.HIDDEN_ROWS: Sentence(
        "有 {count} 行在表里被隐藏（如筛选），照样读入", "不该计入的行请删去，而不是隐藏"
    ),
    NoteCode.HIDDEN_COLUMNS: Sentence(
        "有 {count} 列在表里被隐藏，照样读入", "不该计入的列请删去，而不是隐藏"
    ),
    NoteCode.HIDDEN_SHEET_READ: Sentence(
        "读的是隐藏的工作表", "核对是不是该读的表；是的话在 Excel 中取消隐藏"
    ),
    NoteCode.OTHER_SHEETS: Sentence(
        "另外 {count} 个工作表也有内容，没有读入：{sheets:few}",
        "核对读的是不是该读的表；另外的表也是答卷时，在 evaluation.yaml 中再写一次这个文件和它的 sheet",
    ),
    NoteCode.TITLE_ROWS: Sentence(
        "第 {row} 行认作表头，上面的标题行没有读入", "无须处理；核对表头行是否认得对"
    ),
    NoteCode.EMPTY_HEADERS: Sentence("列 {columns:few} 没有列名", "补上列名，或删去这些列"),
    NoteCode.REPEATED_HEADERS: Sentence(
        "列 {columns:few} 的列名与前面的列相同", "改列名使其各不相同"
    ),
    NoteCode.DATE_SERIALS: Sentence(
        "列 {columns:few} 的日期是 Excel 的序列数（如 45809.5）："
        "提交时间按 Excel 的日期换算，其他列照原样读入",
        "核对换算出的日期；或在 Excel 中把该列设为日期格式后保存",
    ),
    NoteCode.PLATFORM_RECOGNISED: Sentence(
        "按{platform}的导出文件读取（把握 {certainty:.0%}，因为有列 {because:“”}）",
        "不是的话，在 evaluation.yaml 的该文件下写明 platform（普通表格写 table）",
    ),
    NoteCode.ROWS_OF_OTHER_PARTS: Sentence(
        "按 where 只取 {columns:“”} 符合的 {kept:,} 行，另外 {count:,} 行不属于这里，没有读入",
        "无须处理；核对行数是否相符",
    ),
    NoteCode.NOT_HANDED_IN: Sentence(
        "有 {count:,} 份答卷平台标为没有提交完，照样读入，没有答的题按空缺计",
        "不该计入的，在平台上只导出已完成的答卷，重新导出",
    ),
    NoteCode.CASCADE_LAST_LEVEL: Sentence(
        "列 {columns:few} 的列名相同，是一道级联题，取最后一级（{last} 列）为回答",
        "要取别的一级，在对照表 columns 中写明是哪一列",
    ),
    NoteCode.VALUES_LABELLED_ALIKE: Sentence(
        "变量 {variable} 有 {count} 个数值的标签都是“{label}”（{codes:few}），读作同一个选项",
        "核对数据文件的值标签；其实不同的，改正标签后另存",
    ),
    NoteCode.VALUES_CUT: Sentence(
        "变量 {variable} 的文字取值在值标签里只留下了前 8 个字节（{values:few}），这些标签没有用上",
        "在 SPSS 中把这个变量改成数值编码再加标签，另存为新版 .sav",
    ),
    NoteCode.VARIANT_CONTRADICTS_NAME: Sentence(
        "文件名像{named:text=按文本|number=按序号|score=按分数}导出，"
        "内容却是{found:text=按文本|number=按序号|score=按分数}；以内容为准",
        "核对文件名；或在 evaluation.yaml 的该文件下写明 variant",
    ),
    NoteCode.ROWS_IN_ONE_FILE: Sentence("有些答卷只在其中一份文件里", "同时从平台重新导出两份文件"),
    NoteCode.METADATA_DIFFERS: Sentence(
        "两份文件里提交时间、来源等不一致的答卷", "同时从平台重新导出两份文件"
    ),
    NoteCode.QUESTION_IN_ONE_FILE: Sentence(
        "{question} 只在按文本的文件里", "核对两份文件是否同一份问卷"
    ),
    NoteCode.COLUMNS_UNMATCHED: Sentence(
        "{question} 按文本有 {by_text} 列，按序号有 {by_number} 列，没有对照",
        "核对两份文件是否同一份问卷",
    ),
    NoteCode.LABEL_WITH_TWO_CODES: Sentence(
        "{question} 的选项“{label}”有几个编号：{seen:rows}", "核对两份文件的行是否错位"
    ),
    NoteCode.CODE_WITH_TWO_LABELS: Sentence(
        "{question} 的编号 {code} 对应几个选项：{labels}", "核对选项是否在调查中改过文字"
    ),
    NoteCode.LABEL_WITHOUT_CODE: Sentence(
        "{question} 的选项“{label}”在按序号的文件里没有列", "核对两份文件是否同一份问卷"
    ),
}
"""By code, in the order of the flow."""
