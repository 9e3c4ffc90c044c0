"""The model process from its first line to its service: warden, link, streams, operations."""

from __future__ import annotations

import dataclasses
import faulthandler
import importlib
import importlib.util
import io
import os
import platform
import signal
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

from inspector.host.warden import post_warden
from inspector.link.endpoint import Connection, connect, remove_folder
from inspector.link.framing import Channel, LinkError
from inspector.link.processes import CANNOT_START, TOKEN
from inspector.records.problem import Problem
from inspector.records.process import Hello, TorchReady


def run(connection_path: str) -> None:
    """Become the model process that the connection file describes, and serve until the window is gone."""
    path = Path(connection_path)
    try:
        connection = Connection.read(path)
        post_warden(connection.life_path, os.environ.get(TOKEN, ""))
        # Before the call: once it is answered, the window removes the folder with the pipes.
        stack = _report_crashes(connection.stack_path)
        channel = connect(connection)
    except (LinkError, OSError) as error:
        # The window is gone already and can no longer tidy up.
        remove_folder(path.parent)
        sys.stderr.write(f"The model process could not reach its window: {error}.\n")
        sys.exit(CANNOT_START)
    _prepare_streams()
    _send_plainly(channel, "process.hello", Hello(os.getpid(), sys.executable, platform.python_version()))
    if importlib.util.find_spec("numpy") is None:
        _send_plainly(channel, "process.torch", TorchReady("", 0.0, _without_numpy()))
        sys.exit(CANNOT_START)
    # Only now: what follows needs numpy.
    from inspector.host.service import Service

    # The person's code may read the arguments of its process: ours are not meant for it.
    sys.argv[:] = [""]
    Service(channel, _load(connection.operations).Operations, stack).serve()
    sys.exit(CANNOT_START)


def _send_plainly(channel: Channel, op: str, record: Any) -> None:
    """Send an event whose record holds no arrays, as the codec would, but without the numpy that it needs."""
    channel.send({"kind": "event", "id": 0, "op": op, "body": dataclasses.asdict(record)})


def _without_numpy() -> Problem:
    missing = "numpy" if importlib.util.find_spec("torch") is not None else "torch and numpy"
    return Problem(
        "process.numpy",
        "error",
        f"{sys.executable} has no {missing}.",
        advice=f"Install with: {sys.executable} -m pip install {missing.replace(' and', '')}",
    )


def _prepare_streams() -> None:
    """Show a line as soon as it is printed, whatever characters it has."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace", line_buffering=True)


def _report_crashes(stack_path: str) -> int:
    """Have stacks written at a crash and on request; the descriptor of the pipe for the latter, or -1."""
    faulthandler.enable(file=2, all_threads=True)
    if not stack_path or not hasattr(faulthandler, "register"):
        return -1
    # Never wait in a signal handler, not even for a reader that is not there.
    stack = os.open(stack_path, os.O_WRONLY | os.O_NONBLOCK)
    faulthandler.register(signal.SIGUSR2, file=stack, all_threads=True)
    return stack


def _load(operations: str) -> ModuleType:
    """The module of the operations, by its dotted name or its file."""
    if not operations.endswith(".py"):
        return importlib.import_module(operations)
    spec = importlib.util.spec_from_file_location("inspector_operations", operations)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module
