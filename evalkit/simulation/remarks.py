"""What people write into the open questions: made up, in the words of a neighbourhood.

Drawn from a stream of its own, so that nothing else about the made-up street depends on it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from evalkit.definitions.questionnaire import Item

_WRITES = {"key": 0.30, "random": 0.18}
_WRITES_OTHERWISE = 0.15
_SAYS_NOTHING = ("无", "没有", "暂无", "都好", "/")
_SAYS_NOTHING_SHARE = 0.08

_TALK_SHARE = 0.3
"""Committees where one topic is the talk of the neighbourhood."""
_TALK = 0.6
"""How much of what is written there is about it, and how many more write."""
_MORE_WRITE = 1.8
_WISHES = "改进"

REMARKS: Mapping[str, Mapping[str, Sequence[str]]] = {
    "最满意": {
        "楼道": ("楼道堆物清理干净了", "乱堆的杂物总算有人管了", "走廊灯一坏就有人来换"),
        "老人": ("夏天有人上门看望老人", "助餐点开到了家门口", "独居老人每天有人打电话问候"),
        "社工": ("社工记得每家的情况", "书记经常在小区里走动", "社工态度好，有耐心"),
        "维修": ("修好了门口的路灯", "多年的漏水修好了", "下水道不再堵塞"),
        "活动": ("活动室重新开放了", "合唱队和书法班办得好", "节日活动热闹"),
        "办事": ("办居住证一次就好", "开证明不用再跑一趟", "行动不便的可以代办"),
        "孩子": ("暑托班帮了大忙", "放学后孩子有地方去"),
        "议事": ("居民议事会真的听大家的", "停车费用怎么花都贴出来了", "装电梯的事一户一户做工作"),
    },
    _WISHES: {
        "停车": ("停车还是太乱", "外来车占车位，晚上没处停", "消防通道上总有乱停的车"),
        "电梯": (
            "希望早点装电梯",
            "老人爬楼吃力，加装电梯快点定下来",
            "电梯的事一楼不同意，请帮着谈",
        ),
        "垃圾": ("垃圾清运再早一点", "垃圾房味道大，离居民楼太近", "投放时间太短，上班的人赶不上"),
        "物业": ("物业太难找", "物业收了钱不做事", "维修资金怎么用的说不清"),
        "漏水": ("楼上漏水半年了还没修好", "雨水管断了一直没接上", "一下大雨弄堂就积水"),
        "堆物": ("楼道里又开始堆物", "有人把杂物放在消防箱前面"),
        "电瓶车": ("电瓶车充电桩太少", "还有人从楼上拉飞线充电", "电动车推进楼道太危险"),
        "噪声": ("施工早上六点就开始，太吵", "广场舞声音太大", "隔壁装修声没完没了"),
        "平安": ("门禁坏了没人修", "群租房进出的人太杂", "监控有死角，丢过快递"),
        "养老": ("盼有个食堂，老人吃饭方便", "老年活动的地方太小"),
        "回音": ("反映的问题要有回音", "打了几次电话都没下文", "答复要快一点"),
        "活动": ("多为上班的人安排晚上的活动", "没有健身的地方"),
        "养狗": ("遛狗不牵狗绳", "草坪上都是狗屎"),
        "公开": ("希望多公开经费使用", "小区大事早点贴出来"),
    },
    "建议": {
        "队伍": ("年轻社工可多到一线锻炼", "希望加强楼组长队伍"),
        "联系": ("与单位的联系可以更经常", "台账很清楚，建议继续保持"),
    },
}

NEUTRAL: Mapping[str, Sequence[str]] = {
    "联系": ("希望多走走多看看", "多听听大家的想法", "有事能找得到人就好"),
    "做事": ("说到做到就好", "办得比去年快", "继续保持", "希望再细致一些"),
    "告知": ("结果要告诉大家一声", "活动早点通知"),
}
"""For open questions that ask for none of the above."""


def write(
    item: Item,
    group: str,
    at: np.ndarray,
    subjects: int,
    seed: Sequence[int],
    place: tuple[int, int],
) -> list[str]:
    """Return what the respondents of a rater group in one wave write; ``""`` for nothing.

    Parameters
    ----------
    at : ndarray of int, shape (n,)
        The committee of every respondent.
    subjects : int
        Committees of the street.
    seed : sequence of int
        Of the street.
    place : (wave, group)
        Their numbers.
    """
    pool = next((topics for word, topics in REMARKS.items() if word in item.text), None)
    n = len(at)
    if pool is None and item.role == "open":
        pool = NEUTRAL
    if pool is None:
        return [""] * n
    wave, own = place
    topics = list(pool)
    talk = _talk(topics, subjects, [*seed, wave, 2]) if _WISHES in item.text else {}
    rng = np.random.Generator(np.random.PCG64([*seed, wave, own, 3, item.number or 0]))
    lot = rng.random((n, 5))
    rate = _WRITES.get(group, _WRITES_OTHERWISE)
    result = []
    for committee, (writes, nothing, talks, which, text) in zip(at.tolist(), lot, strict=True):
        local = talk.get(committee)
        if writes >= rate * (_MORE_WRITE if local else 1.0):
            result.append("")
        elif nothing < _SAYS_NOTHING_SHARE:
            result.append(_pick(_SAYS_NOTHING, text))
        elif local and talks < _TALK:
            result.append(_pick(pool[local], text))
        else:
            result.append(_pick(pool[_pick(topics, which)], text))
    return result


def _talk(topics: Sequence[str], subjects: int, seed: Sequence[int]) -> dict[int, str]:
    """Return the committees with a topic that is on everybody's lips, the same for all groups."""
    lot = np.random.Generator(np.random.PCG64(list(seed))).random((subjects, 2))
    return {
        committee: _pick(topics, which)
        for committee, (draw, which) in enumerate(lot)
        if draw < _TALK_SHARE
    }


def _pick(choices: Sequence[str], draw: float) -> str:
    return choices[int(draw * len(choices))]
