"""What all documents have in common: texts that say something, and parts that know their keys."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, ClassVar, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    StringConstraints,
    ValidationInfo,
    field_validator,
)

from evalkit.definitions.faults import Fault
from evalkit.definitions.plain_numbers import holds_numbers, plain_numbers

MAXIMUM_TITLE = 100
"""Characters of a name that stands in tables, charts and headings."""

Basis = Literal["published", "assumption"]
"""Whether something is known from published sources or assumed by the preset's authors."""

IDENTIFIER = r"^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$"


def _blank_is_none(value: object) -> object:
    return None if isinstance(value, str) and not value.strip() else value


def not_blank(value: str) -> str:
    """Return a text, if it says something; a `ValueError` in words for analysts if not."""
    if not value.strip():
        raise ValueError("不能为空")
    return value


def _blank_is_empty(value: str) -> str:
    return value if value.strip() else ""


Identifier = Annotated[str, StringConstraints(pattern=IDENTIFIER, strip_whitespace=True)]
"""Letters, digits, ``_`` and ``-``: safe in file names, keys and addresses."""

MaybeIdentifier = Annotated[Identifier | None, BeforeValidator(_blank_is_none)]
"""An identifier, or None where nothing but white space stands."""

Text = Annotated[str, AfterValidator(not_blank)]
"""A text that says something."""

Name = Annotated[str, StringConstraints(strip_whitespace=True), AfterValidator(not_blank)]
"""A text that is looked up: white space around it means nothing."""

MaybeName = Annotated[Name | None, BeforeValidator(_blank_is_none)]
"""A text that is looked up, or None where nothing but white space stands."""

MaybeText = Annotated[str | None, BeforeValidator(_blank_is_none)]
"""A text, or None where nothing but white space stands."""

Title = Annotated[str, StringConstraints(max_length=MAXIMUM_TITLE), AfterValidator(not_blank)]
"""A name that stands in tables, charts and headings."""

MaybeTitle = Annotated[Title | None, BeforeValidator(_blank_is_none)]
"""Such a name, or None where nothing but white space stands."""

Prose = Annotated[str, AfterValidator(_blank_is_empty)]
"""A text that may be empty."""


class Part(BaseModel):
    """A piece of a document: immutable, and knowing exactly its own keys."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, coerce_numbers_to_str=True, allow_inf_nan=False
    )

    @field_validator("*", mode="before")
    @classmethod
    def _numbers_as_written(cls, value: object, info: ValidationInfo) -> object:
        annotation: Any = cls.model_fields[info.field_name or ""].annotation
        return plain_numbers(value) if holds_numbers(annotation) else value


class Document(Part):
    """A validated document. `faults` yields what its types alone do not show.

    `is_shown` where its texts reach pages; those of a crosswalk are what stands in a file.
    """

    is_shown: ClassVar[bool] = True

    def faults(self) -> Iterator[Fault]:
        """Yield everything wrong with this document beyond its types."""
        return iter(())
