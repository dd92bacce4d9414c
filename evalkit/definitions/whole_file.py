"""A document's file, read whole, as bytes or as text; or the problem why it cannot be."""

from __future__ import annotations

from pathlib import Path

from evalkit.errors import Problems


def read_bytes(path: Path, name: str, problems: Problems, maximum: int) -> bytes | None:
    """Read a whole document file; collect a problem and return None where it cannot be."""
    try:
        size = path.stat().st_size
        if size <= maximum:
            return path.read_bytes()
    except (FileNotFoundError, NotADirectoryError, ValueError):
        problems.add(
            "missing_file", "找不到文件", file=name, remedy="放回该文件，或改正引用它的文档"
        )
        return None
    except IsADirectoryError:
        problems.add("missing_file", "这是文件夹，不是文件", file=name, remedy="改正引用它的文档")
        return None
    except OSError as error:
        problems.add(
            "unreadable_file",
            "文件打不开",
            file=name,
            found=error.strerror or type(error).__name__,
            remedy="检查文件权限，或先关闭正在使用它的程序",
        )
        return None
    problems.add(
        "document_too_large",
        "文档过大",
        file=name,
        expected=f"不超过 {maximum // 1024 // 1024} MB",
        found=f"{size / 1024 / 1024:.1f} MB",
        remedy="确认文件是否放错",
    )
    return None


def read_text(
    path: Path, name: str, problems: Problems, maximum: int, what: str = "文档"
) -> str | None:
    """Read UTF-8, with or without BOM, of at most so many bytes; None, with a problem, if not.

    Parameters
    ----------
    path : Path
    name : str
        Path as the analyst knows it.
    problems : Problems
    maximum : int
        Bytes.
    what : str
        What an analyst calls such a file.
    """
    content = read_bytes(path, name, problems, maximum)
    if content is None:
        return None
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        problems.add(
            "wrong_encoding",
            f"{what}不是 UTF-8 编码",
            file=name,
            row=content.count(b"\n", 0, error.start) + 1,
            expected="UTF-8",
            remedy="用 UTF-8 编码另存",
        )
        return None
