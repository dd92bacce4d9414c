"""金数据: ``field_1`` beside ``serial_number`` and ``created_at``, or the Chinese names of these.

Times are those of Beijing where nothing else is said; ``created_at`` of the interface carries its
own zone.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from evalkit.platforms.base import Metadata
from evalkit.platforms.online import OnlineForm


class Jinshuju(OnlineForm):
    """金数据."""

    name = "jinshuju"
    title = "金数据"
    own: ClassVar[Mapping[str, Metadata]] = {
        "serial_number": "sequence",
        "token": "own",
        "created_at": "submitted",
        "updated_at": "own",
        "creator_name": "nickname",
        "color_mark": "own",
        "info_filling_duration": "seconds",
        "info_platform": "own",
        "info_os": "own",
        "info_browser": "own",
        "info_region": "location",
        "info_remote_ip": "ip",
        "x_field_1": "own",
        "x_field_weixin_nickname": "nickname",
        "x_field_weixin_openid": "nickname",
        "x_field_weixin_headimgurl": "nickname",
        "序号": "sequence",
        "提交时间": "submitted",
        "修改时间": "own",
        "提交人": "nickname",
        "填写时长": "seconds",
        "填写设备": "own",
        "操作系统": "own",
        "浏览器": "own",
        "填写地区": "location",
        "ip": "ip",
        "微信昵称": "nickname",
        "微信openid": "nickname",
        "扩展属性": "own",
    }
    telling = frozenset(
        {"serial_number", "info_filling_duration", "填写设备", "填写地区", "扩展属性"}
    )
