"""How pages write the shares of satisfied residents: from ``satisfaction.csv`` alone."""

from __future__ import annotations

from tests.pages.reading import NONE, Files, Row, fixed, interval, percent, signed

SATISFIED, CONTENT = "“非常满意”“满意”", "“非常满意”“满意”“基本满意”"
UP, DOWN = {"上升": " ▲", "下降": " ▼"}, {"上升": "明显提高", "下降": "明显下降"}


def rows_of_all(files: Files, subject: str = "all") -> list[Row]:
    """Every question, over all residents of the street or of a committee."""
    return files.where("satisfaction", subject=subject, by="all")


def overall(files: Files, subject: str = "all") -> Row | None:
    own = [r for r in rows_of_all(files, subject) if r["role"] == "overall"]
    assert len(own) < 2
    return own[0] if own else None


def decimals(row: Row) -> int:
    """One decimal from 200 opinions on: below, it would be more exact than the share."""
    return 1 if row["n"] >= 200 else 0


def share(row: Row, column: str = "share") -> str:
    return percent(row[column], decimals(row))


def reach(row: Row) -> str:
    return f"{interval(100 * row['low'], 100 * row['high'], decimals(row))}%"


def points(row: Row) -> str:
    """As a reader subtracts, where both shares are of the same committees."""
    if row["change"] is None:
        return NONE
    if not same(row):
        return signed(100 * row["change"], decimals(row))
    now, before = (round(100 * row[c], decimals(row)) for c in ("share", "previous"))
    return signed(now - before, decimals(row))


def same(row: Row) -> bool:
    return abs(row["share"] - row["previous"] - row["change"]) < 1e-9


def margin(row: Row) -> str:
    return fixed(100 * (row["change_high"] - row["change_low"]) / 2, decimals(row))


def changed(row: Row, files: Files) -> str:
    """上升, 下降 or 无显著变化, from the adjusted p-value; empty where nothing is compared."""
    if row["change"] is None:
        assert row["change_verdict"] == "未比较"
        return ""
    sure = row["change_p_adjusted"] < 1 - files.evaluation.scheme.confidence
    found = ("上升" if row["change"] > 0 else "下降") if sure else "无显著变化"
    assert found == row["change_verdict"]
    return found


def against(row: Row, files: Files) -> str:
    """高于, 低于 or 无显著差异 against the street, from the adjusted p-value."""
    scheme = files.evaluation.scheme
    rate = scheme.false_discovery_rate if row["by"] == "all" else 1 - scheme.confidence
    if row["p_adjusted"] is None:
        found = "未检验"
    elif row["p_adjusted"] >= rate:
        found = "无显著差异"
    else:
        found = "高于" if row["share"] > row["street"] else "低于"
    assert found == row["verdict"]
    return found


def change_cell(row: Row, files: Files) -> str:
    return f"{points(row)}{UP.get(changed(row, files), '')}"


def than_before(row: Row) -> str:
    """A change in words, as it is said in a sentence."""
    size = points(row)
    way = {"+": "高", "−": "低"}.get(size[0])
    return f"比上次{way} {size[1:]} 个百分点" if way else "与上次持平"


def name(row: Row) -> str:
    return str(row["name"]).rstrip("。？！?!")


def meaning() -> str:
    return (
        f"满意率是选满意或同样好的回答（75 分以上，含）的居民占表态居民的比例：总体满意度一题是选{SATISFIED}的，"
        "问有没有、多久、几次的题目同样按选项的分值算；选“不了解”之类的不计；各居民区按份数合计。"
        "表态人数够多才公布：从中看得出有多少人未选满意，看不出是谁。"
    )
