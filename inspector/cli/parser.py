"""The words of the command line."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NoReturn

from inspector import __version__
from inspector.cli.errors import UsageError

COMMANDS = ("summary", "trace")

_WINDOW_EXAMPLES = """\
commands:
  inspector summary PATH    modules, parameters, shapes, dtypes and sizes, in the terminal or as JSON
  inspector trace FILE.py   run the model once with hooks: calls, shapes, times, activation statistics
  A file that is named like a command is written ./summary. Each command has its own --help.

examples:
  inspector mlp.py                                      open the model that mlp.py offers
  inspector net.py --model Net --args 'hidden=64'       build Net(hidden=64)
  inspector net.py --weights net.pt                     load these weights into it
  inspector model.safetensors                           what is in a checkpoint; nothing in it is run
  inspector net.py --input 1x3x224x224 --run            run it once on random input of this shape
  inspector net.py --input '2x16:int64<1000' --live 9   run it live until 9 steps were shown
  inspector net.py --screenshot net.png                 draw the window into a file; needs no display
"""
_SUMMARY_EXAMPLES = """\
examples:
  inspector summary mlp.py
  inspector summary net.py --model Net --args 'hidden=64' --depth 2
  inspector summary net.py --stats                     mean, std, min, max, NaN of every parameter and buffer
  inspector summary net.py --json | jq .total.params
  inspector summary model.safetensors --stats          any checkpoint, read without running anything in it
"""
_TRACE_EXAMPLES = """\
examples:
  inspector trace mlp.py
  inspector trace net.py --input 8x3x32x32 --steps 20
  inspector trace net.py --json | jq '.calls[] | [.name, .seconds]'
"""
_INPUT_HELP = (
    "what the model is run with: '1x3x224x224', '2x16:int64<1000', 'x=1x8,mask=1x8:bool', or a file "
    "(.npy .npz .pt .safetensors .png .jpg); without it, what the file declares or what fits the first layers"
)


@dataclass(frozen=True)
class Options:
    """What was asked for. `command` is empty for the window; the other fields are those of the command's own help."""

    command: str
    values: argparse.Namespace

    def __getattr__(self, name: str) -> Any:
        return getattr(self.values, name)


class _Parser(argparse.ArgumentParser):
    """Tells mistakes as one sentence instead of printing the usage and ending the program."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(message[:1].upper() + message[1:], self.prog)


def parse(words: list[str]) -> Options:
    """Read the words. The first word alone decides the command.

    Raises:
        UsageError: they make no sense.
        SystemExit: after --help or --version.
    """
    command = words[0] if words and words[0] in COMMANDS else ""
    if command:
        return Options(command, command_parser(command).parse_args(words[1:]))
    return Options("", window_parser().parse_args(words))


def window_parser() -> argparse.ArgumentParser:
    """`inspector [PATH]`."""
    parser = _parser("inspector", "See a living PyTorch model: its modules, activations and times.", _WINDOW_EXAMPLES)
    parser.add_argument(
        "path", metavar="PATH", nargs="?", default="", help="a Python file with a model in it, or a checkpoint"
    )
    parser.add_argument("--version", action="version", version=f"inspector {__version__}")
    model = parser.add_argument_group("the model")
    _add_model_options(model)
    model.add_argument(
        "--python", metavar="PATH", default="", help="interpreter to run the model with (default: this one)"
    )
    run = parser.add_argument_group("running").add_mutually_exclusive_group()
    run.add_argument("--run", action="store_true", help="run once after loading")
    live_help = "run live after loading until N steps were shown"
    run.add_argument("--live", metavar="N", type=_at_least_one, default=0, help=live_help)
    view = parser.add_argument_group("the window")
    view.add_argument("--view", metavar="NAME", default="", help="view to show: activations, timing, summary, …")
    view.add_argument("--select", metavar="MODULE", default=None, help="module to select, by its full name")
    view.add_argument("--size", metavar="WxH", type=_size, default=(0, 0), help="size of the window, as in 1400x900")
    view.add_argument("--theme", choices=("light", "dark"), default="", help="default: the system's")
    view.add_argument("--screenshot", metavar="OUT.png", default="", help="draw the window, save it, exit")
    return parser


def command_parser(command: str) -> argparse.ArgumentParser:
    """`inspector summary` and `inspector trace`."""
    made: dict[str, Callable[[], argparse.ArgumentParser]] = {"summary": _summary_parser, "trace": _trace_parser}
    return made[command]()


def _summary_parser() -> argparse.ArgumentParser:
    about = "Modules, parameters, shapes, dtypes and sizes of a Python file's model, or the tensors of a checkpoint."
    parser = _parser("inspector summary", about, _SUMMARY_EXAMPLES)
    parser.add_argument("path", metavar="PATH", help="a Python file with a model in it, a checkpoint, or its folder")
    parser.add_argument("--json", action="store_true", help="print one JSON document and nothing else")
    parser.add_argument(
        "--depth", metavar="N", type=_at_least_one, default=0, help="levels of modules to list (default: all)"
    )
    parser.add_argument("--stats", action="store_true", help="statistics of every parameter and buffer")
    parser.add_argument("--salvage", action="store_true", help="of a truncated checkpoint, list what is whole")
    _add_model_options(parser)
    return parser


def _trace_parser() -> argparse.ArgumentParser:
    about = "Run the model under forward hooks: each call with its shapes, time and activation statistics."
    parser = _parser("inspector trace", about, _TRACE_EXAMPLES)
    parser.add_argument("path", metavar="FILE.py", help="a Python file with a model in it")
    parser.add_argument("--json", action="store_true", help="print one JSON document and nothing else")
    parser.add_argument(
        "--steps", metavar="N", type=_at_least_one, default=1, help="forward passes to run (default: 1)"
    )
    _add_model_options(parser)
    return parser


def _parser(program: str, about: str, examples: str) -> argparse.ArgumentParser:
    return _Parser(
        prog=program,
        description=about,
        epilog=examples,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )


def _add_model_options(parser: argparse._ActionsContainer) -> None:
    parser.add_argument(
        "--model", metavar="NAME", default="", help="which model of the file (class, function or instance)"
    )
    parser.add_argument(
        "--args", metavar="TEXT", default="", help="arguments to build it with, as in 'hidden=64, act=\"gelu\"'"
    )
    parser.add_argument("--weights", metavar="CKPT", default="", help="a checkpoint to load into the model")
    parser.add_argument("--input", metavar="SPEC", default="", help=_INPUT_HELP.replace("%", "%%"))
    parser.add_argument(
        "--device", metavar="NAME", default="", help="where to put the model: cpu, cuda:0, mps, xpu:0, meta"
    )


def _at_least_one(text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"“{text}” is not a whole number from 1 on")
    return int(text)


def _size(text: str) -> tuple[int, int]:
    width, _, height = text.lower().partition("x")
    if not (width.isdigit() and height.isdigit() and int(width) and int(height)):
        raise argparse.ArgumentTypeError(f"“{text}” is not a size such as 1400x900")
    return int(width), int(height)
