"""What can be wrong with coded rows, and with the engines that add them up."""

from __future__ import annotations

from collections.abc import Sequence

from evalkit.errors import Problem


def unreadable_rows(questionnaire: str, found: str) -> Problem:
    """Say that files of coded rows cannot be opened, or are no Parquet."""
    return Problem(
        "unreadable_rows",
        f"问卷 {questionnaire} 的编码答卷打不开",
        file=questionnaire,
        expected="Parquet 文件，每行一份答卷",
        found=found[:500],
        remedy="检查路径；由城市自己写的，再运行 evalkit city run；由数仓导出的，重新导出",
    )


def lacks_columns(questionnaire: str, columns: Sequence[str], found: Sequence[str]) -> Problem:
    """Say that coded rows lack columns of the questionnaire."""
    return Problem(
        "rows_lack_columns",
        f"问卷 {questionnaire} 的编码答卷缺列",
        file=questionnaire,
        column="、".join(columns),
        expected="街道、居民区、评价主体三列，和每道计分题一列",
        found="、".join(found),
        remedy="用 evalkit city select 打印的语句重新导出",
    )


def no_whole_column(questionnaire: str, column: str, found: str) -> Problem:
    """Say that a column of coded rows holds something else than whole numbers."""
    return Problem(
        "column_not_whole",
        f"问卷 {questionnaire} 的编码答卷里，这一列不是整数",
        file=questionnaire,
        column=column,
        expected="整数：选项的位置，从 0 数起；没有作答为 -1",
        found=found,
        remedy="用 evalkit city select 打印的语句重新导出",
    )


def unknown_code(questionnaire: str, column: str, found: str, options: int) -> Problem:
    """Say that a column of coded rows holds NULL, or a number that no option has."""
    return Problem(
        "unknown_coded_value",
        f"问卷 {questionnaire} 的编码答卷里有不认识的值",
        file=questionnaire,
        column=column,
        expected=f"0 到 {options - 1}，或 -1（没有作答）；NULL 不代表没有作答",
        found=found,
        remedy="在数仓里运行 evalkit city select 打印的检查语句，看是哪些原值；改正后重新导出",
    )


def unknown_key(questionnaire: str, column: str, found: str, expected: str) -> Problem:
    """Say that coded rows are of a street, committee or rater group that there is not."""
    return Problem(
        "unknown_row_key",
        f"问卷 {questionnaire} 的编码答卷里有认不出的行",
        file=questionnaire,
        column=column,
        expected=expected,
        found=found,
        remedy="改正这些行；街道的叫法写进 streets.csv 的 source",
    )


def unknown_questionnaire(found: str, known: Sequence[str]) -> Problem:
    """Say that rows are given of a questionnaire through which no group speaks."""
    return Problem(
        "unknown_questionnaire_of_rows",
        "没有评价主体用这份问卷",
        key="--rows",
        expected="、".join(known),
        found=found,
        remedy="改正问卷代码",
    )


def no_such_rows(found: str) -> Problem:
    """Say that an option names no questionnaire, or no file."""
    return Problem(
        "no_such_rows",
        "找不到编码答卷",
        key="--rows",
        expected="问卷代码=路径，如 resident=/data/resident/*.parquet",
        found=found,
        remedy="改正问卷代码或路径",
    )


def unknown_engine(name: str, master: str | None, known: Sequence[str]) -> Problem:
    """Say that there is no engine of this name, or that it has no master."""
    return Problem(
        "unknown_engine",
        "没有这个引擎，或它没有主节点",
        key="--engine",
        expected="、".join(known) + "；--master 只用于 spark",
        found=name if master is None else f"{name} --master {master}",
        remedy="改正 --engine，或去掉 --master",
    )


def no_coded_rows(questionnaire: str, streets: Sequence[str]) -> Problem:
    """Say that streets have results and no coded rows of a questionnaire."""
    return Problem(
        "no_coded_rows",
        f"有结果的街道没有问卷 {questionnaire} 的编码答卷，或文件被改过",
        file="rows",
        key=questionnaire,
        found="、".join(streets),
        remedy="再运行 evalkit city run；数值题里有小数、选项超过 127 个的问卷不能编码",
    )


def not_codable(questionnaire: str, found: str) -> Problem:
    """Say that a questionnaire's answers cannot be held in bytes, or its sums not exactly."""
    return Problem(
        "questionnaire_not_codable",
        f"问卷 {questionnaire} 的答卷不能编码",
        file=questionnaire,
        expected="每题至多 127 个选项，数值题的上下限是整数；分值的小数不超过三位",
        found=found,
        remedy="这份问卷的全市合计只能由各街道的数据库做：evalkit city rollup",
    )


def no_spark(found: str) -> Problem:
    """Say that Spark, or the Java that it runs on, is not installed."""
    return Problem(
        "spark_not_installed",
        "这台机器上没有 Spark，或没有它要用的 Java",
        expected="pip install evalkit[spark]；Java 17 或更新",
        found=found[:500],
        remedy="安装之后再运行；数据在本机上的，用 --engine local，什么也不用装",
    )


def master_unreachable(master: str, found: str) -> Problem:
    """Say that nothing answers where the master of a cluster should be."""
    return Problem(
        "spark_unreachable",
        "连不上 Spark 的主节点",
        key="--master",
        expected="正在运行的主节点，如 spark://主机:7077",
        found=f"{master}：{found[:300]}",
        remedy="检查地址和端口，主节点是否在运行",
    )


def no_executors(master: str, seconds: int) -> Problem:
    """Say that a cluster's master answers and nobody works for it."""
    return Problem(
        "spark_without_executors",
        f"连上了 Spark 的主节点，{seconds} 秒内没有一个执行器",
        key="--master",
        expected="至少一个有空闲内存和处理器的工作节点",
        found=master,
        remedy="启动工作节点，或等别的任务做完",
    )


def spark_failed(found: str) -> Problem:
    """Say that Spark gave up, after trying tasks again."""
    return Problem(
        "spark_failed",
        "Spark 没有做成，重试之后仍然失败",
        expected="每个任务至少做成一次",
        found=found[:500],
        remedy="看 Spark 的日志；执行器多半内存不够，或读不到文件：各节点须能用同样的路径读到答卷",
    )


def unknown_dialect(found: str, known: Sequence[str]) -> Problem:
    """Say that no statement is known for a warehouse of this name."""
    return Problem(
        "unknown_dialect",
        "没有这种数据库的语句",
        key="--dialect",
        expected="、".join(known),
        found=found,
        remedy="改用列出的一种；不在其中的，照 docs/howto/warehouse.md 自己写",
    )


def dialect_cannot(dialect: str, what: str) -> Problem:
    """Say that a warehouse cannot do what a statement needs."""
    return Problem(
        "dialect_cannot",
        f"{dialect} 做不到这条语句要做的",
        key="--dialect",
        found=what[:500],
        remedy="按所说的加选项，或照 docs/howto/warehouse.md 自己写",
    )


def no_sqlglot() -> Problem:
    """Say that the package that knows warehouses' languages is not installed."""
    return Problem(
        "sqlglot_not_installed",
        "没有安装认识各种数据库语言的 sqlglot",
        expected="pip install evalkit[warehouse]",
        remedy="安装之后再运行",
    )
