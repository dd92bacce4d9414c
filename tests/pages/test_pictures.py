"""Charts as pictures: letters set apart are the same letters, and nothing else is left out."""

from __future__ import annotations

import io

import pytest
from PIL import Image, ImageChops, ImageStat

from evalkit import figures
from evalkit.pages.press import lettering, pictures

FRAME = figures.examples.street(6)


@pytest.fixture(scope="module")
def svg() -> str:
    return figures.caterpillar.svg(FRAME)


def opened(picture: pictures.Picture) -> Image.Image:
    with Image.open(io.BytesIO(picture.png)) as image:
        image.load()
        return image.convert("L").reduce(6)  # where the ink lies, not how its edges are smoothed


def test_letters_look_as_the_renderer_of_drawings_would_set_them(
    svg: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if lettering.apart(svg) is None:
        pytest.skip("nobody here says where a font lies")
    ours = pictures.picture.__wrapped__(svg)
    with monkeypatch.context() as patch:
        patch.setattr(lettering, "apart", lambda _: None)
        theirs = pictures.picture.__wrapped__(svg)
    a, b = opened(ours), opened(theirs)
    assert (ours.width, ours.height) == (theirs.width, theirs.height)
    apart = ImageStat.Stat(ImageChops.difference(a, b)).mean[0]
    with monkeypatch.context() as patch:
        patch.setattr(lettering, "draw", lambda *_: None)
        bare = opened(pictures.picture.__wrapped__(svg))
    assert apart < 0.4 * ImageStat.Stat(ImageChops.difference(bare, b)).mean[0]


def test_every_text_of_a_drawing_is_set_apart_where_it_stood() -> None:
    drawing = (
        '<svg xmlns="http://www.w3.org/2000/svg" width="90" height="40">'
        '<g transform="translate(10,5)"><text transform="translate(-4,7.5)" font-family="Noto Sans CJK SC" '
        'font-size="11px" font-weight="bold" text-anchor="end" fill="#102030" opacity="0.5"> 甲 乙 </text>'
        "<path/></g></svg>"
    )
    found = lettering.apart(drawing)
    if found is None:
        pytest.skip("nobody here says where a font lies")
    rest, (letters,) = found
    assert "甲" not in rest
    assert "<path/>" in rest
    assert (letters.text, letters.x, letters.y) == ("甲 乙", 6.0, 12.5)
    assert (letters.anchor, letters.size, letters.bold) == ("rs", 11.0, True)
    assert (letters.colour, letters.opacity) == ("#102030", 0.5)


@pytest.mark.parametrize(
    "text",
    [
        '<text font-size="9px" fill="#000000" transform="rotate(90)">甲</text>',
        '<text font-size="9px" fill="#000000" letter-spacing="2">甲</text>',
        '<text font-size="9px" fill="url(#a)">甲</text>',
        '<text font-size="9px" fill="#000000"><tspan>甲</tspan></text>',
        '<text font-size="9px" fill="#000000">\U0010fff0</text>',
        '<text fill="#000000">甲</text>',
    ],
)
def test_a_drawing_with_text_of_another_kind_is_left_to_the_renderer(text: str) -> None:
    drawing = f'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9">{text}</svg>'
    assert lettering.apart(drawing) is None


def test_without_anybody_to_ask_for_a_font_drawings_are_left_to_the_renderer(
    svg: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lettering, "_loaded", lambda *_: None)
    assert lettering.apart(svg) is None


def test_the_same_drawing_gives_the_same_picture_of_few_colours(svg: str) -> None:
    once = pictures.picture(svg)
    assert pictures.picture(svg) is once
    assert pictures.picture.__wrapped__(svg) == once
    with Image.open(io.BytesIO(once.png)) as image:
        colours = image.getcolors()
        assert image.mode == "P"
        assert image.convert("RGB").getpixel((0, 0)) == (255, 255, 255)
    assert colours is not None
    assert len(colours) <= pictures.COLOURS


def test_a_drawing_that_does_not_say_how_large_it_is_is_refused() -> None:
    with pytest.raises(ValueError, match="without its size"):
        pictures.picture("<svg/>")
