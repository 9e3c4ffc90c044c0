"""The model process runs under whatever interpreter the person chose; what that lacks is told in one sentence."""

from __future__ import annotations

import runpy
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from inspector.session.process import OPERATIONS

from .conftest import STAND_INS, Talk

MakeTalk = Callable[..., Talk]
SITE = Path(np.__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with nothing installed: its folder."""
    folder = tmp_path_factory.mktemp("bare")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
    return folder


@pytest.fixture
def with_numpy(bare: Path) -> Path:
    """The same with our numpy."""
    for part in SITE.glob("numpy*"):
        place = site_packages(bare) / part.name
        if not place.exists():
            place.symlink_to(part)
    return bare


def site_packages(environment: Path) -> Path:
    return next(environment.glob("lib/python*/site-packages"))


def python(environment: Path) -> str:
    return str(environment / "bin" / "python")


def test_that_missing_packages_are_told_with_their_pip_line(make_talk: MakeTalk, bare: Path) -> None:
    talk = make_talk(python=python(bare))
    problem = talk.wait_for("problem_found")
    assert problem.message == f"{python(bare)} has no torch and numpy."
    assert problem.advice == f"Install with: {python(bare)} -m pip install torch numpy"
    talk.wait(lambda: talk.session.state == "ended")
    assert talk.all("torch_ready")[0].problem == problem
    assert len(talk.problems) == 1
    talk.session.open_file("/model.py")
    assert talk.wait_for("problem_found").message == problem.message


def test_that_a_missing_torch_is_told_with_its_pip_line(make_talk: MakeTalk, with_numpy: Path) -> None:
    talk = make_talk(OPERATIONS, python=python(with_numpy))
    problem = talk.wait_for("problem_found")
    assert problem.message == f"{python(with_numpy)} has no torch."
    assert problem.advice == f"Install with: {python(with_numpy)} -m pip install torch"
    talk.wait(lambda: talk.session.state == "ended")


def test_that_a_torch_that_cannot_be_imported_says_why(make_talk: MakeTalk, with_numpy: Path) -> None:
    broken = site_packages(with_numpy) / "torch.py"
    broken.write_text("raise OSError('libcudart.so.12: cannot open shared object file')")
    talk = make_talk(OPERATIONS, python=python(with_numpy))
    problem = talk.wait_for("problem_found")
    broken.unlink()
    assert "cannot be imported: OSError: libcudart.so.12" in problem.message
    assert "Traceback" in problem.detail


def test_that_only_our_own_package_comes_from_our_environment(make_talk: MakeTalk, with_numpy: Path) -> None:
    talk = make_talk(python=python(with_numpy))
    talk.run(
        "import sys, importlib.util\n"
        "print([path for path in sys.path if 'inspector' in path or path.startswith(sys.argv[0] or '?')])\n"
        "names = ('PySide6', 'torchinfo', 'jobs', 'service', 'PIL')\n"
        "print([name for name in names if importlib.util.find_spec(name)])\n"
        "print(sys.executable, sys.argv, 'PySide6' in sys.modules)"
    )
    talk.wait_for("run_finished")
    talk.wait(lambda: talk.output.count("\n") == 3)
    assert talk.output == f"[]\n[]\n{python(with_numpy)} [''] False\n"
    assert str(SITE) not in talk.output


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda folder: folder / "missing", "could not be started: No such file or directory"),
        (lambda folder: folder, "could not be started: Permission denied"),
        (lambda folder: Path("/bin/true"), "did not start as a Python interpreter (exit code 0)"),
        (lambda folder: script(folder, "#!/bin/sh\necho what is this; exit 3"), "(exit code 3)"),
        (lambda folder: script(folder, "no program at all"), "could not be started: Exec format error"),
    ],
)
def test_that_what_is_no_python_is_told(
    make_talk: MakeTalk, tmp_path: Path, make: Callable[[Path], Path], words: str
) -> None:
    talk = make_talk(python=str(make(tmp_path)))
    problem = talk.wait_for("problem_found")
    assert problem.id == "process.python"
    assert words in problem.message
    assert talk.session.state == "ended"


def script(folder: Path, text: str) -> Path:
    path = folder / "python"
    path.write_text(text)
    path.chmod(0o755)
    return path


def test_that_a_python_that_is_too_old_says_so(make_talk: MakeTalk, tmp_path: Path) -> None:
    pretend = (
        f"#!{sys.executable}\nimport sys, runpy\nsys.version_info = (3, 8, 10)\nsys.argv = sys.argv[1:]\n"
        "runpy.run_path(sys.argv[0], run_name='__main__')\n"
    )
    talk = make_talk(python=str(script(tmp_path, pretend)))
    problem = talk.wait_for("problem_found")
    assert problem.message == f"Inspector needs Python 3.10 or newer, and {sys.executable} is Python 3.8."


def test_that_the_first_lines_are_understood_by_very_old_pythons() -> None:
    """Nothing newer than Python 2.7 before the version is looked at; the parser sees the whole file first."""
    text = (Path(__file__).parents[2] / "inspector" / "host" / "start.py").read_text()
    text.encode("ascii")
    for newer in ("->", "f'", 'f"', ":=", "from __future__", "nonlocal"):
        assert newer not in text.replace("no f-strings", "")


def test_that_workers_that_run_the_bootstrap_again_get_the_package_and_start_nothing() -> None:
    start = Path(__file__).parents[2] / "inspector" / "host" / "start.py"
    before, path = sys.modules["inspector"], list(sys.path)
    names = runpy.run_path(str(start), run_name="__mp_main__")
    assert sys.modules["inspector"] is before
    assert "run" not in names
    assert sys.path == path


@pytest.fixture
def wrapper(tmp_path: Path) -> str:
    """As `conda run`: starts the interpreter as its child, without the descriptors that it inherited."""
    call = "subprocess.call([sys.executable, *sys.argv[1:]])"
    return str(script(tmp_path, f"#!{sys.executable}\nimport subprocess, sys\nsys.exit({call} % 256)\n"))


def test_that_a_wrapper_that_closes_what_it_inherits_changes_nothing(make_talk: MakeTalk, wrapper: str) -> None:
    talk = make_talk(STAND_INS, python=wrapper)
    talk.run("import ctypes\nmutex = bytes(64)\nfor _ in range(2): ctypes.PyDLL(None).pthread_mutex_lock(mutex)")
    process = talk.process
    assert process.pid != process._process.pid
    talk.session.request_stack()
    assert "in forward" in talk.wait_for("stack_received")
    talk.session.close()
    assert process.wait_until_gone(0)
    assert not Path(f"/proc/{process.pid}").exists()


def test_that_a_crash_under_a_wrapper_is_told_as_one(make_talk: MakeTalk, wrapper: str) -> None:
    talk = make_talk(STAND_INS, python=wrapper)
    talk.run("import ctypes\nctypes.string_at(0)")
    assert "crashed: Segmentation fault in forward" in talk.wait_for("problem_found").message


def test_that_opening_with_a_missing_interpreter_tells_one_problem(make_talk: MakeTalk, tmp_path: Path) -> None:
    talk = make_talk(python=str(tmp_path / "missing"))
    talk.session.open_file(talk.file("model = None\n"))
    talk.wait_for("problem_found")
    talk.qtbot.wait(50)
    assert [problem.id for problem in talk.problems] == ["process.python"]
    assert talk.session.state == "ended"
