"""A new folder, laid out from a preset: what a street starts from."""

from __future__ import annotations

import shutil
from pathlib import Path

from evalkit import assets
from evalkit.definitions import loading
from evalkit.definitions.tracks import FOLDER
from evalkit.drafting.questionnaires import QUESTIONNAIRE, DraftedForm, draft_form
from evalkit.errors import Problems
from evalkit.folder.documents import NOT_QUESTIONNAIRES
from evalkit.folder.tracks import ORDER
from evalkit.platforms import read_form

SNIPPET = "order.yaml"
"""In a shipped evaluation of persons: its entry in evaluation.yaml."""

LEDGERS = "ledgers"
NOT_COPIED = (*assets.NOT_COPIED, SNIPPET)


def lay_out(root: Path, preset: str) -> None:
    """Copy a preset's documents to where they belong; never into a folder with something in it.

    Raises
    ------
    InputErrors
        If the preset is unknown or the folder is not empty.
    """
    refuse(root, preset)
    source = assets.preset(preset)
    (root / "crosswalks").mkdir(parents=True, exist_ok=True)
    _copy(source, root)
    order = loading.load_order(root / ORDER, ORDER, Problems(), even_if_faulty=True)
    for track in order.tracks if order else ():
        _lay_out_documents(track.id, source / FOLDER / track.id, root / FOLDER / track.id)


def _lay_out_documents(track: str, own: Path, folder: Path) -> None:
    """Copy a track's documents: a preset's own, and the shipped ones below them if it has no scheme."""
    if not (own / "scheme.yaml").is_file():
        _copy(assets.track_preset(track), folder)
    if own.is_dir():
        _copy(own, folder)


def _copy(source: Path, root: Path) -> None:
    """Copy documents to where they belong in a folder: questionnaires apart from what is beside them."""
    for folder in ("questionnaires", "responses"):
        (root / folder).mkdir(parents=True, exist_ok=True)
    for file in sorted(source.iterdir()):
        if not file.is_file() or file.name in NOT_COPIED:
            continue
        questionnaire = file.suffix == ".yaml" and file.stem not in NOT_QUESTIONNAIRES
        name = "README.md" if file.name == assets.START else file.name
        shutil.copyfile(file, (root / "questionnaires" if questionnaire else root) / name)
    if (source / LEDGERS).is_dir():
        shutil.copytree(source / LEDGERS, root / LEDGERS, dirs_exist_ok=True)


def refuse(root: Path, preset: str) -> None:
    """Raise what keeps a preset from being laid out: it is unknown, there is something in the folder."""
    problems = Problems()
    if preset not in assets.presets():
        problems.add(
            "unknown_preset",
            "没有这个预设",
            expected="、".join(assets.presets()),
            found=preset,
            remedy="改用已有的预设名",
        )
    if root.exists() and (not root.is_dir() or any(root.iterdir())):
        problems.add(
            "folder_not_empty",
            "目标文件夹已存在且不是空的",
            file=str(root),
            expected="不存在，或空文件夹",
            remedy="换一个路径",
        )
    problems.raise_if_any()


def lay_out_track(root: Path, preset: str) -> str:
    """Copy the documents of a shipped evaluation of persons to ``tracks/<preset>/``.

    Returns
    -------
    str
        What is to be written into evaluation.yaml; nothing there is touched.

    Raises
    ------
    InputErrors
        If the preset is unknown, or the folder has something in it.
    """
    problems = Problems()
    if preset not in assets.track_presets():
        problems.add(
            "unknown_preset",
            "没有这个预设",
            expected="、".join(assets.track_presets()),
            found=preset,
            remedy="改用已有的预设名",
        )
    folder = root / FOLDER / preset
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        problems.add(
            "folder_not_empty",
            "目标文件夹已存在且不是空的",
            file=f"{FOLDER}/{preset}",
            expected="不存在，或空文件夹",
            remedy="移走其中的文件，或直接在里面改",
        )
    problems.raise_if_any()
    source = assets.track_preset(preset)
    _copy(source, folder)
    order = loading.load_order(root / ORDER, ORDER, Problems(), even_if_faulty=True)
    wave = order.waves[-1].id if order else "2026"
    text = (source / SNIPPET).read_text(encoding="utf-8").replace("{wave}", wave)
    return text if order and order.tracks else f"tracks:\n{text}"


def lay_out_drafted(root: Path, file: Path) -> DraftedForm:
    """Lay out a blank folder whose questionnaire and scheme are drafted from a file.

    Raises
    ------
    InputErrors
        If nothing can be drafted from the file, or the folder is not empty; nothing is written then.
    """
    problems = Problems()
    form = read_form(file, file.name, problems)
    problems.raise_if_any()
    assert form is not None
    drafted = draft_form(form)
    lay_out(root, "blank")
    (root / "questionnaires" / f"{QUESTIONNAIRE}.yaml").write_text(
        drafted.questionnaire, encoding="utf-8"
    )
    (root / "scheme.yaml").write_text(drafted.scheme, encoding="utf-8")
    return drafted
