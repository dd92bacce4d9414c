"""A new folder, laid out from a preset: what a street starts from."""

from __future__ import annotations

import shutil
from pathlib import Path

from evalkit import assets
from evalkit.drafting.questionnaires import QUESTIONNAIRE, DraftedForm, draft_form
from evalkit.errors import Problems
from evalkit.folder.documents import NOT_QUESTIONNAIRES
from evalkit.platforms import read_form


def lay_out(root: Path, preset: str) -> None:
    """Copy a preset's documents to where they belong; never into a folder with something in it.

    Raises
    ------
    InputErrors
        If the preset is unknown or the folder is not empty.
    """
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
    source = assets.preset(preset)
    for folder in ("questionnaires", "crosswalks", "responses"):
        (root / folder).mkdir(parents=True, exist_ok=True)
    for file in sorted(source.iterdir()):
        if not file.is_file() or file.name in assets.NOT_COPIED:
            continue
        questionnaire = file.suffix == ".yaml" and file.stem not in NOT_QUESTIONNAIRES
        name = "README.md" if file.name == assets.START else file.name
        shutil.copyfile(file, (root / "questionnaires" if questionnaire else root) / name)


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
