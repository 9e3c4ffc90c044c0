"""From a path to a parsed file, or to the plain reason why it is none."""

from __future__ import annotations

import ast
import os
import platform
import tokenize
import warnings
from io import BytesIO
from pathlib import Path

from inspector.core.source.frames import exception_text, own_frames
from inspector.records.problem import InspectorError, failure

_LARGEST = 32 * 1024 * 1024
_CHECKPOINTS = (".pt", ".pth", ".ckpt", ".bin", ".safetensors", ".onnx", ".gguf", ".npz", ".npy", ".h5", ".tar", ".zip")
#: They can be read as Python, and then a stranger's error comes of it.
_DATA = (".json", ".jsonl", ".yaml", ".yml", ".toml", ".csv")
_PYTHON = (".py", ".pyw", ".py3")


def read_file(path: str) -> tuple[Path, ast.Module]:
    """The absolute path and the parsed file.

    Raises:
        InspectorError: `source.missing-file`, `source.not-python` or `source.syntax`.
    """
    file = Path(os.path.normpath(Path(path).expanduser().absolute()))
    _check_kind(file)
    content = _content(file)
    if b"\0" in content:
        raise failure("source.not-python", f"{file.name} is not a Python file: it holds binary data.", where=str(file))
    return file, _parse(file, content)


def _check_kind(file: Path) -> None:
    if not file.exists():
        raise failure("source.missing-file", f"There is no file {file}.", where=str(file), advice=_near_name(file))
    if file.is_dir():
        advice = "Open one of the Python files in it."
        raise failure("source.not-python", f"{file.name} is a folder.", where=str(file), advice=advice)
    ending = file.suffix.lower()
    if ending == ".ipynb":
        advice = f"Save it as a Python file (`jupyter nbconvert --to script {file.name}`) and open that."
        message = f"{file.name} is a notebook, not a Python file."
        raise failure("source.not-python", message, where=str(file), advice=advice)
    if ending in _CHECKPOINTS or ending in _DATA:
        message = f"{file.name} looks like a file of weights or data, not like a Python file."
        advice = "Open the Python file that defines the model."
        raise failure("source.not-python", message, where=str(file), advice=advice)


def _near_name(file: Path) -> str:
    """`Did you mean …`, from the Python files beside it."""
    import difflib

    try:
        names = [entry.name for entry in file.parent.iterdir() if entry.suffix == ".py"]
    except OSError:
        return f"Its folder {file.parent} does not exist either." if not file.parent.exists() else ""
    near = difflib.get_close_matches(file.name, names, 1, 0.6)
    return f"Did you mean {near[0]}?" if near else ""


def _content(file: Path) -> bytes:
    try:
        size = file.stat().st_size
        if size > _LARGEST:
            message = f"{file.name} has {size // 2**20} MiB, which is too large for a Python file that defines a model."
            raise failure("source.not-python", message, where=str(file))
        return file.read_bytes()
    except OSError as error:
        reason = error.strerror or str(error)
        message = f"{file.name} cannot be read: {reason}."
        raise failure("source.missing-file", message, where=str(file)) from error


def _parse(file: Path, content: bytes) -> ast.Module:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SyntaxWarning)  # the import says them, once
            return ast.parse(content, str(file))
    except SyntaxError as error:
        if file.suffix.lower() not in _PYTHON:
            message = f"{file.name} is not a Python file."
            raise failure("source.not-python", message, where=str(file), detail=exception_text(error)) from None
        error.text = error.text or _line(content, error.lineno)
        raise syntax_problem(error) from None
    except (RecursionError, MemoryError, ValueError) as error:
        message = f"Python cannot parse {file.name}: {str(error) or type(error).__name__}."
        raise failure("source.syntax", message, where=str(file), detail=exception_text(error)) from None


def syntax_problem(error: SyntaxError) -> InspectorError:
    """A syntax error in words: which line, what Python says of it, and what usually lies behind it."""
    name = Path(error.filename or "the file").name
    line = error.lineno or 0
    said = (error.msg or "invalid syntax").rstrip(".")
    return failure(
        "source.syntax",
        f"{name} has a syntax error in line {line}: {said}.",
        where=f"{name}:{line}",
        advice=_syntax_advice(error),
        frames=own_frames(error),
        detail=exception_text(error),
    )


def _syntax_advice(error: SyntaxError) -> str:
    text = (error.text or "").strip()
    if text.startswith(("%", "!")):
        return f"`{text.split()[0]}` is a notebook command; a Python file cannot have it: remove the line."
    if "print" in (error.msg or "") and "parentheses" in (error.msg or ""):
        return "The file is written for Python 2."
    if isinstance(error, TabError | IndentationError):
        return "Lines of one block must begin with the same spaces."
    if text.startswith(("<<<<<<<", "=======", ">>>>>>>")):
        return "It is the mark of a merge conflict: decide for one side and remove the marks."
    return f"It was read by Python {platform.python_version()}."


def _line(content: bytes, number: int | None) -> str:
    """The line of a syntax error, which Python leaves out when it was given bytes."""
    try:
        encoding, _ = tokenize.detect_encoding(BytesIO(content).readline)
        lines = content.decode(encoding, "replace").splitlines()
    except (SyntaxError, LookupError):
        return ""
    return lines[number - 1] + "\n" if number and number <= len(lines) else ""
