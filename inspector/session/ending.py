"""Why a model process ended, in words."""

from __future__ import annotations

import os
import re
import signal
from dataclasses import dataclass
from pathlib import Path

from inspector.link.processes import CANNOT_START, LINK_LOST
from inspector.records.problem import CodeFrame, Problem

_SIGNALS = {
    "SIGSEGV": "segmentation fault",
    "SIGBUS": "bus error",
    "SIGFPE": "arithmetic error in C code",
    "SIGILL": "illegal instruction",
    "SIGABRT": "aborted by C code",
    "SIGTERM": "asked to terminate",
    "SIGTRAP": "trap",
}
_DOING = {
    "source.open": "while the file was imported",
    "model.build": "while the model was built",
    "model.summary": "while the summary was made",
    "inputs.choose": "while inputs were tried",
    "run.once": "in forward",
    "live.step": "in forward",
    "device.move": "while the model was moved",
    "device.precision": "while the precision was changed",
}
_FRAME = re.compile(r'^  File "(?P<file>[^"\n]+)", line (?P<line>\d+) in (?P<function>.+)$', re.MULTILINE)
_OURS = str(Path(__file__).resolve().parents[1]) + os.sep


@dataclass(frozen=True)
class Ending:
    """What is known of a model process that has ended.

    Attributes:
        status: as `subprocess` gives it: the exit status, or the negative number of the signal.
        python: its interpreter.
        greeted: whether it had reported at all.
        operation: what it was doing, or empty.
        last_lines: the last lines that it printed.
        memory_kills: how many processes the kernel killed for lack of memory meanwhile; None when it does not tell.
    """

    status: int
    python: str
    greeted: bool
    operation: str
    last_lines: str
    memory_kills: int | None


def problem_of(ending: Ending) -> Problem:
    """What the person is told."""
    if not ending.greeted:
        return _not_started(ending)
    while_what = f" {_DOING[ending.operation]}" if ending.operation in _DOING else ""
    advice = "Restart it to go on with the same file."
    frames = fatal_frames(ending.last_lines)
    fatal = re.search(r"^Fatal Python error: (.+)$", ending.last_lines, re.MULTILINE)
    if ending.status == LINK_LOST:
        message = f"The model process lost its link to the window{while_what}."
    elif ending.status >= 0 and fatal is not None and frames:
        # A wrapper makes an exit code of the signal.
        message = f"The model process crashed: {fatal[1]}{while_what}."
    elif ending.status >= 0:
        message = f"The model process ended by itself with exit code {ending.status}{while_what}."
    elif -ending.status == getattr(signal, "SIGKILL", 9):
        message, advice = _killed(ending, while_what), advice
    else:
        name = _signal_name(-ending.status)
        words = f"{_SIGNALS[name]} ({name})" if name in _SIGNALS else name
        message = f"The model process crashed: {words}{while_what}."
    where = f"{frames[-1].file}:{frames[-1].line}" if frames else ""
    return Problem("process.crashed", "error", message, where, advice, None, frames, ending.last_lines)


def fatal_frames(output: str) -> tuple[CodeFrame, ...]:
    """The person's frames in what `faulthandler` wrote last, outermost first; empty when it wrote nothing."""
    start = output.rfind("Fatal Python error:")
    stack = re.search(r"^Current thread .*$\n((?:  .*\n?)*)", output[start:], re.MULTILINE) if start >= 0 else None
    if stack is None:
        return ()
    frames = [
        CodeFrame(match["file"], int(match["line"]), match["function"])
        for match in _FRAME.finditer(stack.group(1))
        if not match["file"].startswith((_OURS, "<"))
    ]
    own = [frame for frame in frames if "site-packages" not in frame.file and "/lib/python3" not in frame.file]
    return tuple(reversed(own or frames))


def memory_kills() -> int | None:
    """How many processes the kernel has killed for lack of memory since it started; None when it does not tell."""
    try:
        counts = Path("/proc/vmstat").read_text(encoding="ascii")
    except OSError:
        return None
    match = re.search(r"^oom_kill (\d+)$", counts, re.MULTILINE)
    return int(match[1]) if match else None


def _not_started(ending: Ending) -> Problem:
    last = ending.last_lines.strip().rpartition("\n")[2]
    if ending.status == CANNOT_START and last:
        message = last
    else:
        how = f"exit code {ending.status}" if ending.status >= 0 else _signal_name(-ending.status)
        message = f"{ending.python} did not start as a Python interpreter ({how})."
    advice = "Choose an interpreter of Python 3.10 or newer that has torch."
    return Problem("process.python", "error", message, advice=advice, detail=ending.last_lines)


def _killed(ending: Ending, while_what: str) -> str:
    begin = f"The model process was killed (SIGKILL){while_what}"
    if ending.memory_kills is None:
        return f"{begin}: most likely the system ran out of memory."
    if ending.memory_kills:
        return f"{begin}: the system ran out of memory."
    return f"{begin} by another program; the system itself has killed nothing for lack of memory."


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
