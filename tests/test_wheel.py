"""What is installed elsewhere is whole: the wheel, in an environment that never saw the checkout."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest

from evalkit import assets
from tests import tiny

CHECKOUT = Path(__file__).resolve().parent.parent
INGREDIENTS = (
    "pyproject.toml",
    "README.md",
    "LICENSE",
    "evalkit",
    "ledgers",
    "questionnaires",
    "reports",
)


def build(folder: Path) -> Path:
    """Build the wheel from a clean copy of what it is made of; no network, no isolation."""
    source = folder / "source"
    source.mkdir()
    for name in INGREDIENTS:
        if (CHECKOUT / name).is_dir():
            unwanted = shutil.ignore_patterns("__pycache__", ".*")
            shutil.copytree(CHECKOUT / name, source / name, ignore=unwanted)
        else:
            shutil.copyfile(CHECKOUT / name, source / name)
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder / "dist")],
        cwd=source,
        check=True,
        capture_output=True,
    )
    shutil.rmtree(source)
    (wheel,) = (folder / "dist").glob("*.whl")
    return wheel


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with the wheel in it, and the dependencies of this one."""
    folder = tmp_path_factory.mktemp("wheel")
    place = folder / "environment"
    venv.create(place, with_pip=False, symlinks=True)
    inside = {"base": str(place), "platbase": str(place), "installed_base": sys.base_prefix}
    packages = Path(sysconfig.get_path("purelib", "venv", vars=inside))
    shutil.unpack_archive(build(folder), packages, "zip")
    lent = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}
    (packages / "lent.pth").write_text("\n".join(sorted(lent)), encoding="utf-8")
    return place


def run(environment: Path, *arguments: str, cwd: Path) -> str:
    """Run its Python, which hears of no other place to look for packages."""
    variables = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
    done = subprocess.run(
        [str(environment / "bin" / "python"), *arguments],
        cwd=cwd,
        env=variables,
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_wheel_carries_presets_templates_and_the_licence(
    elsewhere: Path, tmp_path: Path
) -> None:
    script = (
        "import evalkit, evalkit.assets as a; "
        "print(evalkit.__file__, a.templates(), a.preset('changshou'), sep='\\n'); "
        "print(a.presets()); "
        "print((a.templates() / 'diagnosis.html.j2').is_file(), "
        "(a.preset('changshou') / 'scheme.yaml').is_file())"
    )
    *places, presets, there = run(elsewhere, "-c", script, cwd=tmp_path).splitlines()
    assert len(places) == 3
    assert all(Path(place).is_relative_to(elsewhere) for place in places)
    assert presets == str(assets.presets())
    assert there == "True True"
    (licence,) = elsewhere.rglob("evalkit-*.dist-info/licenses/LICENSE")
    assert licence.read_bytes() == (CHECKOUT / "LICENSE").read_bytes()


def test_every_file_of_the_checkout_is_in_the_wheel(elsewhere: Path) -> None:
    (package,) = (path.parent for path in elsewhere.rglob("evalkit/__init__.py"))
    for folder in ("evalkit", "ledgers", "questionnaires", "reports"):
        place = package if folder == "evalkit" else package / "shipped" / folder
        for file in (CHECKOUT / folder).rglob("*"):
            if file.is_file() and "__pycache__" not in file.parts and not file.name.startswith("."):
                own = place / file.relative_to(CHECKOUT / folder)
                assert own.read_bytes() == file.read_bytes()


def kept(folder: Path) -> list[Path]:
    return sorted(p.relative_to(folder) for p in folder.rglob("*") if p.is_file())


def test_the_wheel_writes_the_demo_as_the_checkout_does(
    elsewhere: Path, demo_folder: Path, tmp_path: Path
) -> None:
    script = "import pathlib, evalkit.simulation as s; s.write_demo(pathlib.Path('street'))"
    run(elsewhere, "-c", script, cwd=tmp_path)
    own, expected = tmp_path / "street", demo_folder
    made = {Path("evaluation.duckdb"), Path("history.jsonl")}
    files = [f for f in kept(expected) if f.parts[0] != "out" and f not in made]
    assert Path("evaluation.yaml") in files
    assert kept(own) == files
    for file in files:
        assert (own / file).read_bytes() == (expected / file).read_bytes(), file


def test_the_wheel_runs_a_street_as_the_checkout_does(
    elsewhere: Path, tiny_folder: Path, tmp_path: Path
) -> None:
    tiny.write(tmp_path / "street")
    run(elsewhere, "-m", "evalkit", "run", "street", "--no-pdf", cwd=tmp_path)
    own, expected = tmp_path / "street/out/2016", tiny_folder / "out/2016"
    files = kept(expected)
    assert Path("scores.csv") in files
    assert kept(own) == files
    for file in files:
        assert (own / file).read_bytes() == (expected / file).read_bytes(), file
