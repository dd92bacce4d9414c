"""Help and usage errors in Chinese, and what is said when somebody presses Ctrl-C.

The command line library speaks English; what it says is recognised and said again. A sentence that
is not known is passed on as it is, after the words that it is about usage.
"""

from __future__ import annotations

import re
from typing import Any

import typer
from rich.console import Console
from typer.core import TyperCommand, TyperGroup

from evalkit.console.telling import fail
from evalkit.errors import InputErrors, RenderError
from evalkit.problems.keeping import disk_failed

UsageError: Any = typer.BadParameter.__mro__[1]
"""The base of all usage errors; which module holds it depends on the library's version."""

INTERRUPTED = "已中断。out/ 里仍是完整的结果：上一次的，或者中断之前已经写完的；没有写了一半的。"

_HELP = (
    (r"(?m)^Usage: ?", "用法："),
    (r"(?m)^Options:", "选项："),
    (r"(?m)^Arguments:", "参数："),
    (r"(?m)^Commands:", "命令："),
    (r"\[OPTIONS\]", "[选项]"),
    (r"COMMAND \[ARGS\]\.\.\.", "命令 [参数]..."),
    (r"Show this message and exit\.", "显示这份说明。"),
    (r"Install completion for the current shell\.", "为当前终端装上命令补全。"),
    (
        r"Show completion for the current shell, to\s+copy\s+it\s+or\s+customize\s+the\s+installation\.",
        "显示当前终端的补全脚本，供自行安装。",
    ),
    (r"\[default: ", "[默认："),
    (r"; required\]", "；必填]"),
    (r"\[required\]", "[必填]"),
    (r"<int range>", "<整数>"),
    (r"<(?:path|Path)>", "<路径>"),
    (r"<(?:str|text)>|\bTEXT\b", "<文字>"),
    (r"x>=(\d+)", r"不小于 \1"),
)

_INVALID = r"Invalid value for '?([^':]*)'?: "
_ERRORS = (
    (r"No such option:? (\S+?)\.?(?:\s.*)?", "没有这个选项：{0}"),
    (r"No such command '(.*?)'\.?(?:\s.*)?", "没有这个命令：{0}"),
    (r"Missing command\.", "缺少命令"),
    (r"Missing argument '?([^'.]*)'?\..*", "缺少参数：{0}"),
    (r"Missing option '?([^'.]*?)'?\. Choose from: (.*)", "缺少选项：{0}，可用的是 {1}"),
    (r"Missing option '?([^'.]*?)'?\.", "缺少选项：{0}"),
    (r"Got unexpected extra argument(?:s|\(s\))? ?\((.*)\)", "多余的参数：{0}"),
    (r"Option '?(.*?)'? requires an argument\.?", "选项 {0} 后面要写一个值"),
    (r"Option '?(.*?)'? does not take a value\.?", "选项 {0} 后面不写值"),
    (rf"{_INVALID}.*?'([^']*)' is not one of (.*?)\.?", "{0} 的值不对：{1}，可用的是 {2}"),
    (rf"{_INVALID}.*(?:greater than or equal to|not in the range x>=) ?(\d+).*", "{0} 的值太小：不小于 {1}"),
    (rf"{_INVALID}\w+ '(.*)' is not readable\.?", "{0} 的值不对：没有权限读 {1}"),
    (rf"{_INVALID}.*valid integer.*", "{0} 的值不对：要写整数"),
    (r"Invalid value(?: for '?([^':]*)'?)?: (.*)", "{0} 的值不对：{1}"),
)  # fmt: skip


def in_chinese(text: str) -> str:
    """Return a help text with the library's own words in Chinese."""
    for pattern, words in _HELP:
        text = re.sub(pattern, words, text)
    return text


def explained(message: str) -> str:
    """Return what a usage error says, in Chinese."""
    flat = " ".join(message.split())
    for pattern, words in _ERRORS:
        found = re.fullmatch(pattern, flat)
        if found:
            parts = [
                re.sub(r"'|(?<=,) ", "", part or "").replace(",", "、") for part in found.groups()
            ]
            return words.format(*parts)
    return flat


def _tell(error: Any) -> None:
    """Print a usage error and where help is; exit code 2."""
    err = Console(stderr=True, highlight=False, soft_wrap=True)
    err.print(f"用法不对：{explained(error.format_message())}", markup=False)
    path = "evalkit" if error.ctx is None else error.ctx.command_path
    err.print(f"查看用法：{path} --help", markup=False)
    raise typer.Exit(2) from None


class Command(TyperCommand):
    """A command whose help is Chinese."""

    def get_help(self, ctx: Any) -> str:
        """Return the help text."""
        return in_chinese(super().get_help(ctx))


class Group(TyperGroup):
    """The commands; turns whatever goes wrong into a message and an exit code."""

    def get_help(self, ctx: Any) -> str:
        """Return the help text."""
        return in_chinese(super().get_help(ctx))

    def make_context(self, *args: Any, **options: Any) -> Any:
        """Read the arguments before the command."""
        try:
            return super().make_context(*args, **options)
        except UsageError as error:
            if type(error).__name__ == "NoArgsIsHelpError":
                raise
            _tell(error)

    def invoke(self, ctx: Any) -> object:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except InputErrors as errors:
            fail(errors.problems)
        except RenderError as error:
            err = Console(stderr=True, highlight=False, soft_wrap=True)
            err.print(f"页面未能生成，未写入任何结果：{error}", markup=False)
            raise typer.Exit(1) from None
        except OSError as error:
            fail([disk_failed(error)])
        except KeyboardInterrupt:
            Console(stderr=True, highlight=False, soft_wrap=True).print(INTERRUPTED)
            raise typer.Exit(130) from None
        except UsageError as error:
            if type(error).__name__ == "NoArgsIsHelpError":
                raise
            _tell(error)
        return None
