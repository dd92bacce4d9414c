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


def test_the_wheel_runs_the_demo_as_the_checkout_does(
    elsewhere: Path, demo_folder: Path, tmp_path: Path
) -> None:
    run(elsewhere, "-m", "evalkit", "demo", "street", "--no-pdf", cwd=tmp_path)
    own, expected = tmp_path / "street/out/2016", demo_folder / "out/2016"
    files = sorted(p.relative_to(expected) for p in expected.rglob("*") if p.is_file())
    assert Path("scores.csv") in files
    assert sorted(p.relative_to(own) for p in own.rglob("*") if p.is_file()) == files
    for file in files:
        assert (own / file).read_bytes() == (expected / file).read_bytes(), file
