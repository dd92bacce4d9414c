"""Documents as YAML: read with the line of every key, written for people.

What is read is a small, plain YAML: mappings, lists and texts. A plain scalar stays the text that
stands in the file until the model says what it is, so that ``01`` stays ``01``, ``6:30`` does not
become 390 and ``no`` is not false. Aliases (they can swell a document without bound), tags and
repeated keys are reported.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from evalkit import numerals
from evalkit.definitions import signs
from evalkit.definitions.documents import Document
from evalkit.definitions.places import Place, Places, Steps
from evalkit.definitions.whole_file import read_text
from evalkit.errors import Problems

MAXIMUM_BYTES = 4 * 1024 * 1024
"""No document written by hand is larger."""

MAXIMUM_NODES = 300_000
"""Keys, values and list elements; a questionnaire of 200 items has some 5,000."""

MAXIMUM_DEPTH = 24
"""No document nests deeper than 8."""

_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff]")
_EVENT_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read_yaml(
    path: Path, name: str, problems: Problems, places: Places | None = None
) -> Any | None:
    """Read a YAML file as plain data; collect a problem and return None where it cannot be.

    Parameters
    ----------
    path : Path
        Where the file is.
    name : str
        Path as the analyst knows it.
    problems : Problems
        Collects what is wrong, with its line as row. Repeated keys are reported and the first
        one counts, so that the rest can be checked; whatever else is wrong gives None.
    places : Places, optional
        Takes the line of every key and list element.

    Returns
    -------
    dict, list, str or None
        Mappings, lists, texts and None, nothing else.
    """
    text = read_text(path, name, problems, MAXIMUM_BYTES)
    if text is None:
        return None
    builder = _Builder(name, problems, Places() if places is None else places)
    try:
        for event in yaml.parse(text, _EVENT_LOADER):
            builder.take(event)
            if builder.refused:
                return None
    except yaml.YAMLError as error:
        _report_malformed(name, text, error, problems)
        return None
    if builder.root is None:
        problems.add("empty_document", "文档是空的", file=name, remedy="补上内容")
    return builder.root


class _Dumper(yaml.SafeDumper):
    """Writes numbers in plain digits: documents know no others."""


def _plain_float(dumper: yaml.SafeDumper, value: float) -> yaml.ScalarNode:
    text = numerals.written(value)
    return dumper.represent_scalar("tag:yaml.org,2002:float", text if "." in text else f"{text}.0")


_Dumper.add_representer(float, _plain_float)


def dump_yaml(document: Document) -> str:
    """Write a document as YAML: keys in the order of the model, defaults left out."""
    data = document.model_dump(mode="json", exclude_defaults=True)
    return yaml.dump(data, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=100)


def _report_malformed(name: str, text: str, error: yaml.YAMLError, problems: Problems) -> None:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    slips = [] if mark is None else list(signs.slips(text))
    for slip in slips:
        problems.add(
            "malformed_yaml",
            f"不是合法的 YAML：{slip.called}",
            file=name,
            row=slip.row,
            expected=slip.expected,
            found=slip.found[:80],
            remedy=slip.remedy,
        )
    if slips:
        return
    control = _CONTROL.search(text)
    found, row = None, None
    if mark is not None:
        lines = text.splitlines()
        row = mark.line + 1
        found = lines[mark.line].strip()[:80] if mark.line < len(lines) else None
    elif control is not None:
        row = text.count("\n", 0, control.start()) + 1
        found = f"控制字符 U+{ord(control.group()):04X}"
    problems.add(
        "malformed_yaml",
        "不是合法的 YAML",
        file=name,
        row=row,
        found=found or None,
        remedy="检查该行及其上一行的缩进、冒号和引号" if row else "检查缩进、冒号和引号",
    )


@dataclass(slots=True)
class _Open:
    """A mapping or list whose end has not been read yet."""

    content: dict[str, Any] | list[Any]
    steps: Steps
    key: str | None = None


@dataclass(slots=True)
class _Builder:
    """Builds plain data from events, without recursion."""

    name: str
    problems: Problems
    places: Places
    root: Any = None
    refused: bool = False
    _stack: list[_Open] = field(default_factory=list)
    _documents: int = 0
    _nodes: int = 0

    def take(self, event: Any) -> None:
        """Take in the next event of the file."""
        line = event.start_mark.line + 1
        self._nodes += 1
        if self._nodes > MAXIMUM_NODES:
            found = f"超过 {MAXIMUM_NODES} 项"
            self._refuse("文档过大", line, found, "名册改用 CSV 或 Excel；确认文件是否放错")
        elif isinstance(event, yaml.DocumentStartEvent):
            self._documents += 1
            if self._documents > 1:
                self._refuse("一个文件只能有一份文档", line, "---", "删去 --- 及其后的内容")
        elif isinstance(event, yaml.AliasEvent):
            self._refuse("不支持 YAML 别名（*）", line, f"*{event.anchor}", "把内容写出来")
        elif isinstance(event, yaml.CollectionStartEvent):
            self._open(event, line)
        elif isinstance(event, yaml.CollectionEndEvent):
            self._stack.pop()
        elif isinstance(event, yaml.ScalarEvent):
            self._scalar(event, line)

    def _refuse(self, message: str, line: int, found: str, remedy: str) -> None:
        self.problems.add(
            "malformed_yaml", message, file=self.name, row=line, found=found[:80], remedy=remedy
        )
        self.refused = True

    def _open(self, event: Any, line: int) -> None:
        if event.tag is not None:
            self._refuse("不支持 YAML 标签", line, str(event.tag), "删去标签")
            return
        if len(self._stack) >= MAXIMUM_DEPTH:
            self._refuse("嵌套太深", line, f"{len(self._stack)} 层", "检查缩进和括号")
            return
        if self._awaits_key():
            self._refuse("键只能是文字", line, "列表或一组键", "改成文字")
            return
        content: dict[str, Any] | list[Any] = (
            {} if isinstance(event, yaml.MappingStartEvent) else []
        )
        self._stack.append(_Open(content, self._place(content, line)))

    def _scalar(self, event: Any, line: int) -> None:
        if event.tag is not None and event.tag != "tag:yaml.org,2002:str":
            self._refuse("不支持 YAML 标签", line, str(event.tag), "删去标签")
            return
        if self._awaits_key():
            here = self._stack[-1]
            here.key = event.value
            if event.value in here.content:
                self.problems.add(
                    "repeated_key",
                    "同一个键写了两次",
                    file=self.name,
                    row=line,
                    key=".".join(str(step) for step in (*here.steps, event.value)),
                    expected="每个键只写一次",
                    found=event.value[:80],
                    remedy="删去其中之一",
                )
            else:
                self.places.put((*here.steps, event.value), Place(row=line))
            return
        plain = event.tag is None and not event.style
        self._place(None if plain and event.value in _NULLS else event.value, line)

    def _awaits_key(self) -> bool:
        return bool(self._stack) and (
            isinstance(self._stack[-1].content, dict) and self._stack[-1].key is None
        )

    def _place(self, value: Any, line: int) -> Steps:
        if not self._stack:
            self.root = value
            self.places.put((), Place(row=line))
            return ()
        here = self._stack[-1]
        if isinstance(here.content, dict):
            key = here.key or ""
            steps: Steps = (*here.steps, key)
            here.content.setdefault(key, value)
            here.key = None
        else:
            steps = (*here.steps, len(here.content))
            here.content.append(value)
        self.places.put(steps, Place(row=line))
        return steps
