"""The built wheel, in an empty environment, far from the checkout."""

from __future__ import annotations

import os
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


def run(*command: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run with nothing of the checkout on the path; fail with all output when it fails."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    done = subprocess.run([str(part) for part in command], cwd=cwd, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, ROOT, cwd=folder)
    return next(folder.glob("module_inspector-*.whl"))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Python of an environment that holds the wheel and, beside it, what the wheel asks for.

    The packages it asks for are taken from the environment of the tests: they are hundreds of megabytes, and what is
    tested is our wheel. That environment's own copy of the program is not reachable from here: it is an editable
    install, whose path file is not read through ours.
    """
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, with_pip=True)
    python = folder / "bin" / "python"
    run(python, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", wheel, cwd=folder)
    site = run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=folder).stdout.strip()
    import sysconfig

    Path(site, "requirements_of_the_tests.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return python


def test_that_the_wheel_holds_the_program_its_resources_and_its_examples(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()

    assert "inspector/ui/window.py" in names
    assert "inspector/resources/themes/dark.json" in names
    assert any(name.startswith("inspector/resources/icons/") and name.endswith(".svg") for name in names)
    assert "inspector/examples/mlp.py" in names
    assert not any(name.startswith(("tests/", "resources/")) for name in names)


def test_that_the_installed_wheel_finds_its_icons(installed: Path, tmp_path: Path) -> None:
    script = (
        "import inspector, pathlib, sys\n"
        "from PySide6.QtWidgets import QApplication\n"
        "application = QApplication(['-platform', 'offscreen'])\n"
        "from inspector.ui.icons import icon\n"
        "pixmap = icon('folder-open', '#ff0000').pixmap(16, 16)\n"
        "image = pixmap.toImage()\n"
        "places = [(x, y) for x in range(image.width()) for y in range(image.height())]\n"
        "painted = sum(image.pixelColor(x, y).alpha() > 0 for x, y in places)\n"
        "assert painted > 10, painted\n"
        "print(pathlib.Path(inspector.__file__).parent)\n"
    )
    done = run(installed, "-c", script, cwd=tmp_path)

    assert str(installed.parents[1]) in done.stdout, "the checkout was imported instead of the wheel"


def test_that_the_installed_wheel_opens_a_model_and_draws_its_window(installed: Path, tmp_path: Path) -> None:
    model = tmp_path / "tiny.py"
    model.write_text("import torch\n\nmodel = torch.nn.Sequential(torch.nn.Linear(4, 3), torch.nn.ReLU())\n")
    picture = tmp_path / "window.png"

    run(installed.with_name("inspector"), model, "--run", "--screenshot", picture, cwd=tmp_path)

    assert picture.read_bytes().startswith(b"\x89PNG")


def test_that_both_commands_answer(installed: Path, tmp_path: Path) -> None:
    by_name = run(installed.with_name("inspector"), "--version", cwd=tmp_path).stdout
    by_module = run(installed, "-m", "inspector", "--version", cwd=tmp_path).stdout

    assert by_name == by_module
    assert by_name.split()[-1][0].isdigit()
