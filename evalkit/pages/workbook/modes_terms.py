"""What the columns of the frame ``modes`` are called and mean: heading, meaning, number format."""

from __future__ import annotations

from collections.abc import Mapping

WHOLE, SHARE, SIGNED, FINE = "#,##0", "0%", "+0.0;-0.0;0.0", "0.00"

MODES_TERMS: Mapping[str, tuple[str, str] | tuple[str, str, str]] = {
    "mode": (
        "填答方式",
        "paper 纸质、online 网上、telephone 电话、face_to_face 面访；unsaid 没有说明",
    ),
    "against": ("与哪种方式比", "该主体最常用的填答方式；空格为没有比较"),
    "committees": ("两种方式都有的", "两种方式都有人用的评估对象个数", WHOLE),
}
"""By column, where it means the same in every table."""

MODES_COLUMNS: Mapping[tuple[str, str], tuple[str, str] | tuple[str, str, str]] = {
    ("modes", "n"): ("份数", "用这种方式填的有效答卷，未加权；空格为太少、不公布", WHOLE),
    ("modes", "of"): ("答卷总数", "该主体的有效答卷；空格为太少、不公布", WHOLE),
    ("modes", "share"): ("占答卷比例", "份数除以答卷总数", SHARE),
    ("modes", "difference"): (
        "相差",
        "同一评估对象之内，这种方式的平均减最常用方式的平均，分；不是换方式的效果",
        SIGNED,
    ),
    ("modes", "se"): ("标准误", "相差的标准误，分", FINE),
    ("modes", "low"): ("误差范围下限", "相差的误差范围的下端，分", SIGNED),
    ("modes", "high"): ("误差范围上限", "相差的误差范围的上端，分", SIGNED),
}
"""By table and column."""
