"""The commonest mistake in a module's constructor: `super().__init__()` left out, or called too late."""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
from types import FrameType
from typing import Any

from torch import nn

from inspector.core.source.frames import exception_text, is_own_file, own_frames, where_of
from inspector.records.problem import CodeFrame, InspectorError, failure

_SIGNS = re.compile(
    r"before Module\.__init__\(\) call"
    r"|object has no attribute '_(modules|parameters|buffers|forward_hooks|forward_pre_hooks|backward_hooks)'"
)


def super_init_problem(error: BaseException, root: str) -> InspectorError | None:
    """`build.no-super-init` when torch complains of a module that was never initialised; None for anything else."""
    if not isinstance(error, AttributeError) or not _SIGNS.search(str(error)):
        return None
    frame, line = _uninitialised_frame(error, root)
    if frame is None:
        return None
    owner = _class_of(frame)
    return _problem(owner, line, own_frames(error, root), exception_text(error, root))


def check_initialised(model: nn.Module) -> None:
    """A module that assigns nothing torch would notice can be made without `super().__init__()`; it cannot be used.

    Raises:
        InspectorError: `build.no-super-init`.
    """
    if "_modules" in vars(model) or "_parameters" in vars(model):
        return
    owner = next((kind for kind in type(model).__mro__ if "__init__" in vars(kind)), type(model))
    frames: tuple[CodeFrame, ...] = ()
    line = _constructor_line(owner)
    if line:
        frames = (CodeFrame(inspect.getsourcefile(owner) or "", line, "__init__"),)
    raise _problem(owner, 0, frames, "")


def _problem(owner: type, line: int, frames: tuple[CodeFrame, ...], detail: str) -> InspectorError:
    name = owner.__qualname__
    start = _constructor_line(owner)
    if _calls_super(owner):
        message = f"{name} assigns a layer in line {line} before its constructor calls `super().__init__()`."
    else:
        message = f"{name} does not call `super().__init__()` in its constructor."
    place = f" (line {start})" if start else ""
    advice = f"Make `super().__init__()` the first line of {name}.__init__{place}."
    where = where_of(frames)
    return failure("build.no-super-init", message, where=where, advice=advice, frames=frames, detail=detail)


def _uninitialised_frame(error: BaseException, root: str) -> tuple[FrameType | None, int]:
    """The innermost frame of the person whose `self` is a module without torch's own dictionaries."""
    trace = error.__traceback__
    found: tuple[FrameType | None, int] = (None, 0)
    while trace is not None:
        frame = trace.tb_frame
        subject = _first_argument(frame)
        own = is_own_file(frame.f_code.co_filename, root)
        if own and isinstance(subject, nn.Module) and "_modules" not in vars(subject):
            found = (frame, trace.tb_lineno)
        trace = trace.tb_next
    return found


def _first_argument(frame: FrameType) -> Any:
    names = frame.f_code.co_varnames
    return frame.f_locals.get(names[0]) if frame.f_code.co_argcount and names else None


def _class_of(frame: FrameType) -> type:
    """The class whose method the frame runs, which may be a base of the object's."""
    kind = type(_first_argument(frame))
    for each in kind.__mro__:
        method = vars(each).get(frame.f_code.co_name)
        if getattr(method, "__code__", None) is frame.f_code:
            return each
    return kind


def _constructor_line(owner: type) -> int:
    code = getattr(vars(owner).get("__init__"), "__code__", None)
    return int(code.co_firstlineno) if code is not None else 0


def _calls_super(owner: type) -> bool:
    """Whether the constructor calls any other `__init__`: then it does so too late."""
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(vars(owner)["__init__"])))
    except (OSError, TypeError, KeyError, SyntaxError):
        return False
    calls = [node.func for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return any(isinstance(function, ast.Attribute) and function.attr == "__init__" for function in calls)
