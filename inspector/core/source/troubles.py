"""What the person's own code can do wrong while it is imported or built, in plain words."""

from __future__ import annotations

import argparse
import os
import shlex
import sys
from pathlib import Path

from inspector.core.source.frames import exception_text, exception_title, own_frames, where_of
from inspector.core.source.place import can_be_found
from inspector.core.source.reading import syntax_problem
from inspector.core.source.super_init import super_init_problem
from inspector.records.problem import InspectorError, failure

_DISTRIBUTIONS = {
    "Bio": "biopython",
    "Crypto": "pycryptodome",
    "IPython": "ipython",
    "OpenSSL": "pyopenssl",
    "PIL": "pillow",
    "attr": "attrs",
    "bs4": "beautifulsoup4",
    "cv2": "opencv-python",
    "dateutil": "python-dateutil",
    "docx": "python-docx",
    "dotenv": "python-dotenv",
    "faiss": "faiss-cpu",
    "fitz": "pymupdf",
    "git": "gitpython",
    "google": "protobuf",
    "hydra": "hydra-core",
    "ignite": "pytorch-ignite",
    "mpl_toolkits": "matplotlib",
    "open_clip": "open-clip-torch",
    "osgeo": "gdal",
    "pkg_resources": "setuptools",
    "pl_bolts": "lightning-bolts",
    "pytorch3d": "pytorch3d",
    "ruamel": "ruamel.yaml",
    "serial": "pyserial",
    "skimage": "scikit-image",
    "sklearn": "scikit-learn",
    "sksurv": "scikit-survival",
    "slugify": "python-slugify",
    "umap": "umap-learn",
    "yaml": "pyyaml",
}

_NO_CUDA = ("Torch not compiled with CUDA enabled", "No CUDA GPUs are available", "NVIDIA driver")


def import_problem(error: BaseException, file: Path, root: str) -> InspectorError:
    """Why `file` could not be imported.

    Args:
        error: what its import raised; not a KeyboardInterrupt, which is the person's Cancel.
        file: the opened file.
        root: the folder whose files are the person's.
    """
    if isinstance(error, InspectorError):
        return error
    if isinstance(error, SyntaxError) and Path(error.filename or "").is_file():
        return syntax_problem(error)
    if isinstance(error, ModuleNotFoundError) and error.name:
        return _missing_package(error, file, root)
    if isinstance(error, SystemExit):
        return _exit(error, f"{file.name} ended the program while it was imported", "source.exit", root)
    return super_init_problem(error, root) or raised_problem(
        error, f"{file.name} raised {exception_title(error)} while it was imported.", "source.raised", root
    )


def construction_problem(error: BaseException, name: str, root: str) -> InspectorError:
    """Why an offer could not be built although it was called rightly."""
    if isinstance(error, SystemExit):
        return _exit(error, f"{name} ended the program while it was built", "build.raised", root)
    if isinstance(error, ModuleNotFoundError) and error.name:
        return _missing_package(error, Path(name), root)
    return super_init_problem(error, root) or raised_problem(
        error, f"{name} raised {exception_title(error)} while it was built.", "build.raised", root
    )


def raised_problem(error: BaseException, message: str, id: str, root: str) -> InspectorError:
    """An exception of the person's code, with their frames and what is worth a try."""
    frames = own_frames(error, root)
    where, advice, detail = where_of(frames), _advice(error, root), exception_text(error, root)
    return failure(id, message, where=where, advice=advice, frames=frames, detail=detail)


def pip_line(distribution: str) -> str:
    """The command that installs a package for this very interpreter."""
    return f"{shlex.quote(sys.executable)} -m pip install {distribution}"


def _missing_package(error: ModuleNotFoundError, file: Path, root: str) -> InspectorError:
    name = error.name or ""
    top = name.partition(".")[0]
    frames = own_frames(error, root)
    if top != name and can_be_found(top):
        message = f"{file.name} needs the module {name}, which {_whereabouts(top)} does not have."
        advice = "The package is there, but another version of it, or another package of the same name."
    else:
        message = f"{file.name} needs the package {top}, which this Python does not have."
        advice = f"Install it with `{pip_line(_DISTRIBUTIONS.get(top, top))}`, then reload."
    where, detail = where_of(frames), exception_text(error, root)
    return failure("source.missing-package", message, where=where, advice=advice, frames=frames, detail=detail)


def _whereabouts(top: str) -> str:
    module = sys.modules.get(top)
    file = getattr(module, "__file__", None)
    folder = Path(file).parent if file else next(iter(getattr(module, "__path__", ())), "")
    return f"the {top} in {folder}" if folder else top


def _exit(error: SystemExit, message: str, id: str, root: str) -> InspectorError:
    frames = own_frames(error, root)
    complaint = _parser_complaint(error)
    if complaint is not None:
        message += f": it reads the command line there{f' ({complaint})' if complaint else ''}."
        advice = 'Move the reading of the command line into a function, or under `if __name__ == "__main__":`.'
    else:
        shown = "" if error.code is None else f" with {error.code!r}"
        message += f": it calls sys.exit{shown}."
        advice = 'Move what shall only happen when it is started as a program under `if __name__ == "__main__":`.'
    where, detail = where_of(frames), exception_text(error, root)
    return failure(id, message, where=where, advice=advice, frames=frames, detail=detail)


def _parser_complaint(error: SystemExit) -> str | None:
    """What argparse found wrong, None when it was not argparse that ended the program.

    argparse prints its message and raises a bare exit code, so the message is taken from its frame.
    """
    trace, complaint = error.__traceback__, None
    while trace is not None:
        frame = trace.tb_frame
        if frame.f_code.co_filename == argparse.__file__:
            complaint = complaint or ""
            if frame.f_code.co_name == "error":
                complaint = str(frame.f_locals.get("message", ""))
        trace = trace.tb_next
    return complaint


def _advice(error: BaseException, root: str) -> str:
    """What usually lies behind an exception; empty when the message says enough."""
    text = str(error)
    if isinstance(error, FileNotFoundError) and error.filename and not Path(str(error.filename)).is_absolute():
        return f"Relative paths are looked for in {Path.cwd()}, where the program runs."
    if isinstance(error, ImportError) and error.path and error.name:
        return _shadow_advice(error.name, root)
    if any(sign in text for sign in _NO_CUDA):
        return "The code asks for a CUDA device and there is none here: let it fall back to the CPU."
    if isinstance(error, EOFError) and "reading a line" in text:
        return "The code asks for input while it is imported."
    return ""


def _shadow_advice(name: str, root: str) -> str:
    """`from tokenize import MyTokenizer` finds Python's tokenize, not the person's tokenize.py."""
    top = name.partition(".")[0]
    own = Path(root) / f"{top}.py"
    loaded = getattr(sys.modules.get(top), "__file__", "") or ""
    if own.is_file() and loaded and os.path.realpath(loaded) != os.path.realpath(own):
        return f"{own.name} has the same name as a module that is loaded already ({loaded}): give it another one."
    return ""
