"""Importing a file as the module it is."""

from __future__ import annotations

import pickle
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import nn

from inspector.core.source import build_model, open_source
from inspector.records.problem import InspectorError, Problem

Write = Callable[[str, str], Path]

NET = """
from torch import nn

class Net(nn.Module):
    \"\"\"A small net.

    More of it.
    \"\"\"

    def __init__(self, hidden=64):
        super().__init__()
        self.fc = nn.Linear(8, hidden)

    def forward(self, x):
        return self.fc(x)
"""

pytestmark = pytest.mark.usefixtures("clean_imports")


def problem_of(path: Path) -> Problem:
    with pytest.raises(InspectorError) as caught:
        open_source(str(path))
    return caught.value.problem


def test_that_a_script_is_imported_under_its_own_name(write: Write) -> None:
    source = open_source(str(write("net.py", NET + '\nif __name__ == "__main__":\n    raise SystemExit(1)\n')))
    assert source.record.module_name == "net"
    assert source.record.suggested == "Net"
    assert source.record.offers[0].doc == "A small net."
    assert sys.modules["net"] is source.namespace
    assert pickle.loads(pickle.dumps(build_model(source, "Net"))).fc.in_features == 8


def test_that_neighbours_of_a_script_can_be_imported(write: Write) -> None:
    write("layers.py", "from torch import nn\nclass Block(nn.Linear):\n    pass\n")
    path = write("main.py", "from layers import Block\nmodel = Block(2, 3)\n")
    assert open_source(str(path)).record.suggested == "model"


def test_that_relative_imports_work_in_a_package(write: Write) -> None:
    write("shop/__init__.py", "")
    write("shop/parts/__init__.py", "")
    write("shop/parts/blocks.py", NET)
    write("shop/extra.py", "SIZE = 5")
    path = write("shop/parts/model.py", "from .blocks import Net\nfrom ..extra import SIZE\nmodel = Net(SIZE)\n")
    source = open_source(str(path))
    assert source.record.module_name == "shop.parts.model"
    assert build_model(source, "model").fc.out_features == 5
    assert sys.modules["shop.parts"].model is source.namespace


def test_that_relative_imports_work_in_folders_without_init(write: Write) -> None:
    write("shop/layers/blocks.py", NET)
    path = write("shop/layers/model.py", "from ..layers.blocks import Net\nmodel = Net()\n")
    source = open_source(str(path))
    assert source.record.module_name == "shop.layers.model"
    assert source.record.suggested == "model"


def test_that_a_package_opens_by_its_init_file(write: Write) -> None:
    write("zoo/net.py", NET)
    source = open_source(str(write("zoo/__init__.py", "from .net import Net\nmodel = Net()\n")))
    assert source.record.module_name == "zoo"
    assert source.record.suggested == "model"


def test_that_imports_from_the_projects_root_are_found(write: Write, tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").touch()
    write("models/blocks.py", NET)
    path = write("models/vision/net.py", "from models.blocks import Net\nmodel = Net()\n")
    assert open_source(str(path)).record.suggested == "model"
    assert str(tmp_path) in sys.path


@pytest.mark.parametrize("name", ["my-model.py", "2layers.py", "net.v2.py", "modèle.py", "class.py", "two words.py"])
def test_that_odd_file_names_open(write: Write, name: str) -> None:
    source = open_source(str(write(name, NET)))
    assert source.record.suggested == "Net"
    assert pickle.loads(pickle.dumps(build_model(source, "Net"))).fc.in_features == 8


@pytest.mark.parametrize("name", ["random.py", "torch.py", "numpy.py", "__main__.py", "inspector.py"])
def test_that_a_file_named_like_a_module_does_not_replace_it(write: Write, name: str) -> None:
    before = sys.modules.get(name[:-3])
    text = "import random, numpy\nprint(random.random(), numpy.zeros(1))\n" + NET
    source = open_source(str(write(f"project/{name}", text)))
    assert source.record.module_name == f"project.{name[:-3]}"
    assert sys.modules.get(name[:-3]) is before
    assert source.record.warnings[0].id == "source.shadows"
    assert pickle.loads(pickle.dumps(build_model(source, "Net"))).fc.in_features == 8


def test_that_another_process_finds_the_classes_of_a_shadowing_file(write: Write, tmp_path: Path) -> None:
    source = open_source(str(write("project/random.py", NET)))
    (tmp_path / "net.pickle").write_bytes(pickle.dumps(build_model(source, "Net")))
    code = f"import sys, pickle; sys.path[:] = {sys.path!r}; print(type(pickle.load(open(sys.argv[1], 'rb'))))"
    found = subprocess.run([sys.executable, "-c", code, tmp_path / "net.pickle"], capture_output=True, text=True)
    assert "project.random.Net" in found.stdout, found.stderr


def test_that_spawned_workers_find_the_files_classes(write: Write, tmp_path: Path) -> None:
    path = write("net.py", "from layers import Rows\n" + NET)
    write("layers.py", "class Rows:\n    def __len__(self): return 2\n    def __getitem__(self, i): return i\n")
    driver = write(
        "elsewhere/driver.py",
        f"""
        import sys
        sys.path.insert(0, {str(Path.cwd())!r})
        from inspector.core.source import open_source

        if __name__ == "__main__":
            from torch.utils.data import DataLoader
            source = open_source({str(path)!r})
            loader = DataLoader(source.namespace.Rows(), num_workers=1, multiprocessing_context="spawn")
            print([int(batch) for batch in loader])
        """,
    )
    found = subprocess.run([sys.executable, str(driver)], capture_output=True, text=True, timeout=100)
    assert found.stdout == "[0, 1]\n", found.stderr


def test_that_opening_again_shows_the_edited_file_and_its_neighbours(write: Write) -> None:
    write("layers.py", "WIDTH = 3\n")
    path = write(
        "net.py", "from torch import nn\nfrom layers import WIDTH\nmodel = nn.Sequential(nn.Linear(WIDTH, 1))\n"
    )
    assert build_model(open_source(str(path)), "model")[0].in_features == 3
    write("layers.py", "WIDTH = 44\n")  # another size: this one is imported through Python's own cache
    write("net.py", path.read_text().replace(", 1)", ", 2)"))
    model = build_model(open_source(str(path)), "model")
    assert (model[0].in_features, model[0].out_features) == (44, 2)


def test_that_two_files_of_one_name_do_not_meet(write: Write) -> None:
    for folder, width in (("first", 3), ("second", 5)):
        write(f"{folder}/layers.py", f"WIDTH = {width}\n")
        write(
            f"{folder}/net.py",
            "from torch import nn\nfrom layers import WIDTH\nmodel = nn.Sequential(nn.Linear(WIDTH, 1))",
        )
    first = open_source(str(write("first/here.txt", "").with_name("net.py")))
    second = open_source(str(write("second/here.txt", "").with_name("net.py")))
    assert [build_model(each, "model")[0].in_features for each in (first, second)] == [3, 5]


def test_that_encoding_cookies_and_byte_order_marks_are_read(tmp_path: Path) -> None:
    (tmp_path / "latin.py").write_bytes(b"# -*- coding: latin-1 -*-\nNAME = '\xe9'\n" + NET.encode())
    (tmp_path / "marked.py").write_bytes(b"\xef\xbb\xbf" + NET.encode())
    assert open_source(str(tmp_path / "latin.py")).namespace.NAME == "é"
    assert open_source(str(tmp_path / "marked.py")).record.suggested == "Net"


def test_that_a_long_file_opens(write: Write) -> None:
    table = "TABLE = [\n" + "    (1, 2, 3, 4, 5, 6, 7, 8),\n" * 20_000 + "]\n"
    assert open_source(str(write("net.py", table + NET))).record.suggested == "Net"


def test_that_the_file_sees_no_arguments_of_ours(write: Write) -> None:
    saved = list(sys.argv)
    path = write(
        "net.py", "import argparse, sys\nargs = argparse.ArgumentParser().parse_args()\nSEEN = sys.argv\n" + NET
    )
    seen = open_source(str(path)).namespace.SEEN
    assert seen == [str(path)]
    assert sys.argv == saved


def test_that_what_the_file_prints_is_printed(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    open_source(str(write("net.py", "print('hello from the file')\n" + NET)))
    assert capsys.readouterr().out == "hello from the file\n"


def test_that_no_cache_is_written_beside_the_file(write: Write) -> None:
    path = write("net.py", NET)
    open_source(str(path))
    assert not (path.parent / "__pycache__").exists()


def test_that_a_cancelled_import_passes_and_leaves_no_half_module(write: Write) -> None:
    path = write("net.py", "raise KeyboardInterrupt\n")
    with pytest.raises(KeyboardInterrupt):
        open_source(str(path))
    assert "net" not in sys.modules


def test_that_an_endless_import_can_be_interrupted(write: Write) -> None:
    path = write(
        "net.py", "import os, signal, time\nos.kill(os.getpid(), signal.SIGINT)\nwhile True: time.sleep(0.01)\n"
    )
    with pytest.raises(KeyboardInterrupt):
        open_source(str(path))


# What goes wrong, in words.


def test_that_a_missing_file_is_told_with_the_name_that_was_meant(write: Write) -> None:
    path = write("network.py", NET)
    problem = problem_of(path.with_name("netwrok.py"))
    assert (problem.id, problem.advice) == ("source.missing-file", "Did you mean network.py?")


@pytest.mark.parametrize("name", ["walk.ipynb", "weights.pt", "model.safetensors", "config.json"])
def test_that_other_kinds_of_files_are_told_apart(write: Write, name: str) -> None:
    problem = problem_of(write(name, "{}"))
    assert problem.id == "source.not-python"
    assert name in problem.message


def test_that_folders_binaries_and_plain_text_are_not_python(write: Write, tmp_path: Path) -> None:
    (tmp_path / "binary.py").write_bytes(b"\x7fELF\0\0\0")
    for path in (tmp_path, tmp_path / "binary.py", write("notes.txt", "buy milk and bread")):
        assert problem_of(path).id == "source.not-python"


def test_that_a_syntax_error_is_told_with_its_line(write: Write) -> None:
    problem = problem_of(write("net.py", "import torch\n\nclass Net(:\n    pass\n"))
    assert (problem.id, problem.where) == ("source.syntax", "net.py:3")
    assert "line 3" in problem.message
    assert (problem.frames[-1].line, problem.frames[-1].source) == (3, "class Net(:")


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        ("%matplotlib inline\n", "notebook command"),
        ("!pip install x\n", "notebook command"),
        ("print 'hello'\n", "Python 2"),
        ("if True:\n  x = 1\n    y = 2\n", "same spaces"),
        ("<<<<<<< HEAD\nx = 1\n", "merge conflict"),
    ],
)
def test_that_usual_reasons_of_syntax_errors_are_named(write: Write, text: str, advice: str) -> None:
    assert advice in problem_of(write("net.py", text)).advice


def test_that_a_syntax_error_in_an_imported_file_names_that_file(write: Write) -> None:
    write("layers.py", "x = (\n")
    problem = problem_of(write("net.py", "import layers\n"))
    assert (problem.id, problem.where) == ("source.syntax", "layers.py:1")
    assert [frame.line for frame in problem.frames] == [1, 1]


@pytest.mark.parametrize(
    ("statement", "line"),
    [
        ("import cv2_missing", "-m pip install cv2_missing"),
        ("import cv2", "-m pip install opencv-python"),
        ("from sklearn.datasets import load_iris", "-m pip install scikit-learn"),
        ("import yaml_missing.reader", "-m pip install yaml_missing"),
    ],
)
def test_that_a_missing_package_is_told_with_its_pip_line(write: Write, statement: str, line: str) -> None:
    problem = problem_of(write("net.py", f"import torch\n{statement}\n"))
    assert problem.id == "source.missing-package"
    assert f"{sys.executable} {line}`" in problem.advice
    assert problem.where == "net.py:2"


def test_that_a_module_missing_in_a_package_is_no_matter_of_pip(write: Write) -> None:
    problem = problem_of(write("net.py", "from torch.nowhere import thing\n"))
    assert problem.id == "source.missing-package"
    assert "torch.nowhere" in problem.message
    assert "pip install" not in problem.advice


def test_that_an_exception_at_import_shows_only_the_persons_frames(write: Write) -> None:
    write("data.py", "import json\n\ndef load():\n    return json.loads('nonsense')\n")
    problem = problem_of(write("net.py", "from data import load\n\nDATA = load()\n"))
    assert problem.id == "source.raised"
    assert "JSONDecodeError" in problem.message
    assert [(Path(frame.file).name, frame.line) for frame in problem.frames] == [("net.py", 3), ("data.py", 4)]
    assert problem.where == "data.py:4"
    assert "importlib" not in problem.detail
    assert "json/decoder.py" not in problem.detail
    assert "DATA = load()" in problem.detail


def test_that_a_name_clash_with_a_loaded_module_is_explained(write: Write) -> None:
    write("tokenize.py", "class MyTokenizer: pass\n")
    problem = problem_of(write("net.py", "from tokenize import MyTokenizer\n"))
    assert problem.id == "source.raised"
    assert "tokenize.py has the same name" in problem.advice


def test_that_endless_recursion_at_import_is_told_shortly(write: Write) -> None:
    problem = problem_of(write("net.py", "def f():\n    f()\nf()\n"))
    assert "RecursionError" in problem.message
    assert len(problem.frames) < 40


def test_that_sys_exit_at_import_is_told(write: Write) -> None:
    problem = problem_of(write("net.py", "import sys\nsys.exit('no data')\n"))
    assert (problem.id, problem.where) == ("source.exit", "net.py:2")
    assert "'no data'" in problem.message


def test_that_a_command_line_read_at_import_is_told(write: Write) -> None:
    text = "import argparse\nparser = argparse.ArgumentParser()\nparser.add_argument('--data', required=True)\n"
    problem = problem_of(write("net.py", text + "args = parser.parse_args()\n"))
    assert problem.id == "source.exit"
    assert "the following arguments are required: --data" in problem.message
    assert problem.where == "net.py:4"


def test_that_a_file_without_models_is_told(write: Write) -> None:
    assert problem_of(write("net.py", "import torch\nfrom torch.nn import Linear\n")).id == "source.no-model"
    hidden = "from torch import nn\nif __name__ == '__main__':\n    model = nn.Linear(1, 1)\n"
    assert "__main__" in problem_of(write("net.py", hidden)).advice


def test_that_a_missing_relative_path_says_where_it_is_looked_for(write: Write) -> None:
    assert str(Path.cwd()) in problem_of(write("net.py", "open('missing.csv')\n")).advice


def test_that_torchs_own_files_open() -> None:
    source = open_source(nn.modules.linear.__file__)
    assert source.record.module_name == "torch.nn.modules.linear"
    assert source.namespace is nn.modules.linear
    assert isinstance(build_model(source, "Linear", "2, 3"), torch.nn.Linear)
