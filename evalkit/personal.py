"""What looks like personal data, wherever it was typed, and how it may be shown.

People type telephone numbers, names and addresses into questions that never asked for them. What
looks like it is told by its place and in a masked form; it never reaches a console, a draft, a
report, the database or a page. A heading, too, may say that a column is personal.
"""

from __future__ import annotations

import re
import unicodedata

RARE = 2
"""A name of two letters that stands in more rows than this is taken for a place, not a person."""

SHOWN = 20
"""Letters of a masked form; how long a text was need not be known."""

LONG = 20
"""From so many letters on a text is somebody's own words, which may hold anything."""

_HEADING = re.compile(
    r"(?:请?(?:填写|留下|输入)?(?:您|你|本人|受访者|联系人|填表人|填写人|填报人|答卷人|被访者|户主|业主"
    r"|家长|负责人|居民)?的?)?(?:真实)?"
    r"(?:姓名|名字|手机|手机号码?|联系电话|电话号?码?|联系方式|身份证号?码?|证件号码?|电子邮箱|邮箱"
    r"|e-?mail|微信号?|微信昵称|昵称|qq号?码?|家庭住址|家庭地址|详细地址|住址|门牌号码?|房号|ip地址?)"
    r"(?:[(\[].{0,8}[)\]])?[?:]?"
)
_DATE = re.compile(
    r"(?<!\d)(?:19|20)\d{2}[-/.年]?(?:0?[1-9]|1[0-2])[-/.月]?(?:0?[1-9]|[12]\d|3[01])(?!\d)日?"
)
_NUMBERS = re.compile(
    r"(?<![\d.])(?:\d{7,}[Xx]?|\(?0\d{2,3}\)?[\s\-]{1,2}\d{7,8}|1[3-9]\d[\s\-]\d{4}[\s\-]\d{4}"
    r")(?!\.?\d)"
)
_MARKS = (
    re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"),
    re.compile(r"(?:微信|wechat|vx|v信|qq)\s*号?\s*[:是]?\s*[a-z0-9][\w-]{4,}", re.IGNORECASE),
    re.compile(r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-Z][A-Z0-9]{5,6}(?![A-Z0-9])"),
    re.compile(r"[零〇一二三四五六七八九幺]{7,}"),
    re.compile(r"\d+(?:弄|号楼|号|幢|栋|单元)[^,。;]{0,6}?\d{2,}(?:室|户)"),
    re.compile(r"\d+弄\d+号\d+"),
    re.compile(r"\d{6}\s\d{8}\s\d{3}[\dXx]"),
)  # fmt: skip

_SURNAMES = frozenset(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗高郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘蒋蔡余杜叶程苏魏"
    "吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦傅方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万"
    "钱覃武戴莫孔汤康易乔赖文施洪季庄章鲁倪葛严邢俞翟阮柳娄詹靳祁储沃裘郁缪诸茅庞樊颜兰申冉殷"
)
_DOUBLE = ("欧阳", "上官", "司马", "诸葛", "东方", "皇甫", "尉迟", "公孙", "慕容", "司徒", "夏侯")
_TITLES = (
    "先生|女士|小姐|阿姨|叔叔|大爷|大妈|奶奶|爷爷|老师|主任|书记|同志|师傅|经理|医生|社工|站长|干部"
)
_NAMED = re.compile(
    rf"(?:我叫|我是|本人|姓名[:是]?|叫)?([老小])?([\u4e00-\u9fff]{{1,4}}?)({_TITLES})?"
)
_FOREIGN = re.compile(r"[\u4e00-\u9fff]{2,}[·•][\u4e00-\u9fff]{2,}")
_NOT_IN_NAMES = frozenset(
    "不没有无很太较最非常般满意好差坏错知道清楚了的吗呢吧都也还是否对个次趟天月年岁元分钱人们时候"
    "路街区村苑园城里弄号楼室社委会办科所队站湾渡桥浜宅塘镇坊庭阁轩府寓墅厦滩圩泾港堂庙寺郡居场店"
    "级便全静兴过去来到前后上下左右内外中间边面围到套底面实病轻经额可容单动车位灯工头部门局院校"
)
_NOT_NAMES = frozenset({
    "高度", "高低", "高龄", "安全", "安静", "平安", "马虎", "文明", "文体", "文化", "方式", "方法",
    "方向", "金融", "石库", "周到", "严重", "严格", "毛坯", "任何", "温暖", "万一", "白领", "黄色",
    "康复", "康乐", "武术", "江苏", "易懂", "程序", "章程", "史料", "成效", "许多", "何必", "余下", "小康",
})  # fmt: skip


def heading_is_personal(heading: str) -> bool:
    """Tell whether a column's heading asks for what identifies a person.

    Examples
    --------
    >>> heading_is_personal("您的姓名"), heading_is_personal("联系电话（选填）")
    (True, True)
    >>> heading_is_personal("居委会的电话打得通吗")
    False
    """
    bare = re.sub(r"\s+", "", unicodedata.normalize("NFKC", heading)).casefold().strip("*")
    return _HEADING.fullmatch(bare) is not None


def identifies(text: str) -> bool:
    """Tell a text that holds a number, an address or an account that leads to a person.

    Examples
    --------
    >>> [identifies(t) for t in ("138 0013 8000", "有事打１３８００１３８０００", "a.b@c.cn", "12弄3号501室")]
    [True, True, True, True]
    >>> [identifies(t) for t in ("2016-06-01 10:00:00", "1 4 7 8 9 10", "5001-10000元", "0.333333333")]
    [False, False, False, False]
    """
    normal = unicodedata.normalize("NFKC", text)
    if any(mark.search(normal) for mark in _MARKS):
        return True
    return _NUMBERS.search(_DATE.sub(" ", normal)) is not None


def is_name(text: str) -> bool:
    """Tell a text that may well be somebody's name, and nothing else.

    A surname and one or two letters that answers and places seldom have, perhaps with a title.

    Examples
    --------
    >>> [is_name(text) for text in ("张建国", "欧阳建国", "我叫李梅", "王阿姨", "阿不都·热西提")]
    [True, True, True, True, True]
    >>> [is_name(text) for text in ("很满意", "高兴", "方便", "潘家湾", "一般", "金城")]
    [False, False, False, False, False, False]
    """
    bare = re.sub(r"\s+", "", unicodedata.normalize("NFKC", text))
    if _FOREIGN.fullmatch(bare):
        return True
    if bare in _NOT_NAMES:
        return False
    found = _NAMED.fullmatch(bare)
    if found is None:
        return False
    called, name, title = found.groups()
    surname = next((double for double in _DOUBLE if name.startswith(double)), name[:1])
    given = name[len(surname) :]
    if surname not in _DOUBLE and surname not in _SURNAMES:
        return False
    if not given:
        return called is not None or title is not None
    return len(given) <= 2 and not _NOT_IN_NAMES & set(given)


def looks_personal(text: str, rows: int = 1, *, place: bool = False) -> bool:
    """Tell what must not be shown as it was typed.

    Parameters
    ----------
    rows : int
        How many rows have it; one's own words stand in few.
    place : bool
        Asked of what should be a place: names of two letters are then names while rows are few.
    """
    bare = text.strip()
    if identifies(bare) or (len(bare) >= LONG and rows <= RARE):
        return True
    return is_name(bare) and not (place and len(bare) <= 2 and rows > RARE)


def masked(text: str) -> str:
    """Return a text's first letter and how long it was, up to `SHOWN` letters.

    Examples
    --------
    >>> masked("13800138000"), masked("张建国"), masked("a.b@c.cn")
    ('1**********', '张**', 'a*******')
    """
    bare = text.strip()
    return bare[:1] + "*" * (min(len(bare), SHOWN) - 1)


def shown(text: str, rows: int = 1, *, place: bool = False) -> str:
    """Return a text as it may be shown: masked where it looks personal."""
    return masked(text) if looks_personal(text, rows, place=place) else text


def heading_shown(heading: str) -> str:
    """Return a heading or an option as it may be shown: answers may have been taken for either."""
    return masked(heading) if identifies(heading) or is_name(heading) else heading
