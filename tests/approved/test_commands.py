"""What every command takes: its arguments and options, what they are where nobody says, and its help."""

from __future__ import annotations

from collections.abc import Iterator

from typer.main import get_command

from evalkit.cli import app
from tests.approved import approving


def commands(command: object, name: str) -> Iterator[tuple[str, object]]:
    """A command and those under it; of click or of what typer carries of it."""
    yield name, command
    for own, under in getattr(command, "commands", {}).items():
        yield from commands(under, f"{name} {own}")


def told() -> Iterator[str]:
    for name, command in commands(get_command(app), "evalkit"):
        alone = "; alone it helps" if getattr(command, "no_args_is_help", False) else ""
        yield f"== {name}: {(getattr(command, 'help', None) or '').strip()}{alone}"
        for given in sorted(getattr(command, "params", ()), key=lambda one: str(one.name)):
            if "completion" in given.name:
                continue
            usual = "its own" if given.name == "jobs" else given.default
            yield f"{' '.join(given.opts)}: required {given.required}, {usual!s}"


def test_what_commands_take_is_as_approved() -> None:
    approving.compare("console/commands", "\n".join(told()))
