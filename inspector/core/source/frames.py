"""The person's own part of a traceback: frames of Python, torch, other packages and this program are cut away."""

from __future__ import annotations

import linecache
import os
import sysconfig
import traceback
from functools import cache
from pathlib import Path
from types import TracebackType

from inspector.records.problem import CodeFrame

_PACKAGE = Path(__file__).resolve().parents[2]
_EXAMPLES = str(_PACKAGE / "examples") + os.sep
_FIRST_KEPT = 8
_LAST_KEPT = 24


def own_frames(error: BaseException, root: str = "") -> tuple[CodeFrame, ...]:
    """The person's frames of `error`, outermost first; a syntax error ends with the line that cannot be read.

    Args:
        error: with its traceback.
        root: folder whose files are the person's wherever it lies (a file opened from within site-packages).
    """
    frames = _frames(error.__traceback__, root)
    if isinstance(error, SyntaxError) and error.filename and not error.filename.startswith("<"):
        frames.append(CodeFrame(error.filename, error.lineno or 0, "<module>", (error.text or "").strip()))
    if len(frames) > _FIRST_KEPT + _LAST_KEPT:  # endless recursion: a thousand times the same
        return tuple(frames[:_FIRST_KEPT] + frames[-_LAST_KEPT:])
    return tuple(frames)


def is_own_file(file: str, root: str = "") -> bool:
    """Whether a file is the person's: neither Python's nor an installed package's nor ours."""
    if file.startswith("<"):
        return False
    path = os.path.normpath(Path(file).absolute())
    if path.startswith(_EXAMPLES) or (root and path.startswith(f"{root}{os.sep}")):
        return True
    if "site-packages" in path or "dist-packages" in path:
        return False
    return not path.startswith(_foreign_folders())


def where_of(frames: tuple[CodeFrame, ...]) -> str:
    """`file.py:12` of the innermost frame; `package/__init__.py:3` where the name alone says nothing."""
    if not frames:
        return ""
    path = Path(frames[-1].file)
    name = f"{path.parent.name}/{path.name}" if path.name == "__init__.py" else path.name
    return f"{name}:{frames[-1].line}"


def exception_title(error: BaseException) -> str:
    """`ValueError: bad value`, the first line of what Python prints, without full stop."""
    text = str(error).strip() if not isinstance(error, KeyError) else f"no key {error}"
    first = text.splitlines()[0].strip().rstrip(".") if text else ""
    kind = type(error).__name__
    return f"{kind}: {first}" if first else kind


def exception_text(error: BaseException, root: str = "") -> str:
    """The exception as Python prints it, causes first, cut to the person's frames."""
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    before = ""
    if cause is not None and cause is not error:
        link = "was the direct cause of" if error.__cause__ is not None else "was being handled during"
        before = "".join(traceback.format_exception_only(type(cause), cause)) + f"\nThe exception above {link}:\n\n"
    frames = own_frames(error, root)
    if isinstance(error, SyntaxError):
        frames = frames[:-1]  # Python prints that line itself
    return before + _traceback(frames) + "".join(traceback.format_exception_only(type(error), error)).rstrip()


def _traceback(frames: tuple[CodeFrame, ...]) -> str:
    if not frames:
        return ""
    lines = ["Traceback (most recent call last):"]
    for frame in frames:
        lines.append(f'  File "{frame.file}", line {frame.line}, in {frame.function}')
        if frame.source:
            lines.append(f"    {frame.source}")
    return "\n".join(lines) + "\n"


def _frames(trace: TracebackType | None, root: str) -> list[CodeFrame]:
    frames = []
    while trace is not None:
        code = trace.tb_frame.f_code
        if is_own_file(code.co_filename, root):
            linecache.checkcache(code.co_filename)  # the file may have been edited since
            line = linecache.getline(code.co_filename, trace.tb_lineno).strip()
            frames.append(CodeFrame(code.co_filename, trace.tb_lineno, code.co_name, line))
        trace = trace.tb_next
    return frames


@cache
def _foreign_folders() -> tuple[str, ...]:
    paths = sysconfig.get_paths()
    folders = {paths[name] for name in ("stdlib", "platstdlib", "purelib", "platlib")}
    folders |= {os.path.realpath(folder) for folder in folders}
    return tuple(f"{folder}{os.sep}" for folder in (*folders, str(_PACKAGE)))
