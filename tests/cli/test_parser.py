"""The words of the command line."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest

import inspector
from inspector.cli.parser import COMMANDS, command_parser, parse, window_parser
from inspector.cli.window import window_options
from inspector.records.problem import InspectorError
from tests.cli.conftest import environment


def test_that_help_names_every_option_and_ends_well(run):
    ended = run("--help")
    assert ended.code == 0
    assert ended.err == ""
    options = "model args input weights device python run live view select size theme screenshot version"
    for word in options.split():
        assert f"--{word}" in ended.out
    for word in ("examples:", *COMMANDS):
        assert word in ended.out


@pytest.mark.parametrize("command", COMMANDS)
def test_that_each_command_has_its_own_help(run, command):
    ended = run(command, "--help")
    assert ended.code == 0
    assert "examples:" in ended.out
    for word in ("--json", "--model", "--args", "--weights", "--input", "--device"):
        assert word in ended.out


def test_that_the_examples_in_the_help_are_true():
    import shlex

    parsers = {"": window_parser(), **{command: command_parser(command) for command in COMMANDS}}
    seen = 0
    for parser in parsers.values():
        for line in (parser.epilog or "").partition("examples:")[2].splitlines():
            words = shlex.split(line.partition("   ")[0].partition("|")[0])
            if words:
                assert words[0] == "inspector"
                parse(words[1:])
                seen += 1
    assert seen >= 12


def test_that_the_version_is_told(run):
    ended = run("--version")
    assert (ended.code, ended.out) == (0, f"inspector {inspector.__version__}\n")


@pytest.mark.parametrize(
    "words",
    [
        ("--nonsense",),
        ("summary",),
        ("trace",),
        ("trace", "a.py", "--steps", "0"),
        ("trace", "a.py", "--steps", "many"),
        ("a.py", "b.py"),
        ("a.py", "--size", "big"),
        ("a.py", "--size", "0x100"),
        ("a.py", "--theme", "blue"),
        ("a.py", "--run", "--live", "3"),
        ("a.py", "--mod", "Net"),
        ("summary", "a.py", "--depth", "-1"),
    ],
)
def test_that_mistakes_are_one_sentence_and_code_2(run, words):
    ended = run(*words)
    assert ended.code == 2
    assert ended.out == ""
    first, second = ended.err.splitlines()
    assert first.startswith("inspector: error: ")
    assert first.endswith((".", ")"))
    assert second.startswith("  See inspector")
    assert "--help" in second


def test_that_the_first_word_alone_is_a_command(tmp_path, monkeypatch):
    assert parse(["summary", "a.py"]).command == "summary"
    options = parse(["./summary"])
    assert (options.command, options.path) == ("", "./summary")
    assert parse(["--theme", "dark", "summary"]).path == "summary"
    assert parse([]).path == ""


def test_that_the_windows_options_are_what_was_asked_for(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "net.py").write_text("")
    (tmp_path / "weights.pt").write_text("")
    words = "net.py --model Net --input 1x4 --weights weights.pt --device cuda:0 --live 7 --view timing --select a.b"
    more = [
        "--args",
        "hidden=64",
        "--size",
        "1400x900",
        "--theme",
        "light",
        "--screenshot",
        "out.png",
        "--python",
        sys.executable,
    ]
    options = window_options(parse([*words.split(), *more]))
    assert options.path == str(tmp_path / "net.py")
    assert options.weights == str(tmp_path / "weights.pt")
    assert options.screenshot == str(tmp_path / "out.png")
    assert options.python == sys.executable
    assert (options.model, options.arguments, options.input_text, options.device) == (
        "Net",
        "hidden=64",
        "1x4",
        "cuda:0",
    )
    assert (options.run, options.live_steps, options.view, options.select) == (False, 7, "timing", "a.b")
    assert (options.width, options.height, options.theme) == (1400, 900, "light")
    assert window_options(parse([])).select is None


@pytest.mark.parametrize(
    ("words", "id"),
    [
        (["nowhere.py"], "file.missing"),
        (["--weights", "nowhere.pt"], "file.missing"),
        (["--python", "/nowhere/python"], "python.missing"),
        (["--screenshot", "/nowhere/out.png"], "file.missing"),
    ],
)
def test_that_the_window_does_not_start_for_files_that_are_not_there(words, id):
    with pytest.raises(InspectorError) as caught:
        window_options(parse(words))
    assert caught.value.problem.id == id


def test_that_help_is_quick_and_loads_neither_torch_nor_qt():
    code = (
        "import sys\n"
        "from inspector.cli import main\n"
        "main(['--help'])\n"
        "heavy = {name.partition('.')[0] for name in sys.modules} & {'torch', 'numpy', 'PySide6', 'psutil'}\n"
        "sys.exit(len(heavy))\n"
    )
    begin = time.perf_counter()
    ended = subprocess.run([sys.executable, "-c", code], env=environment(), capture_output=True, check=False)
    assert ended.returncode == 0, ended.stderr
    assert time.perf_counter() - begin < 2  # 0.05 s when the machine is quiet
