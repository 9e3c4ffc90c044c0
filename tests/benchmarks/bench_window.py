"""What does the window cost? Its start with and without torch, its longest stall and the model's pace in live mode."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.benchmarks.rows import Row

ROOT = Path(__file__).resolve().parents[2]
SELECTED = "blocks.2.attention"
EXAMPLE = ROOT / "examples" / "transformer.py"
STARTS = 7
LIVE_S = 20.0
BARE_S = 4.0
TICK_MS = 2
#: No slot of the window may take longer (a rule of ours), so neither may its event loop.
LIMIT_MS = 50.0


def run() -> list[Row]:
    """Start-up, stalls, pace and frames, each beside something measured in the same minute."""
    return [_startup(), *_live()]


def _startup() -> Row:
    """Turn by turn, from before the interpreter begins until the window has been painted."""
    without, with_torch = [], []
    for _ in range(STARTS):
        without.append(_child(start_window)["seconds"])
        with_torch.append(_child(start_window_with_torch)["seconds"])
    ratio = statistics.median(one / other for one, other in zip(without, with_torch, strict=True))
    what = "s until painted, as it is / with torch imported first"
    return Row("start of the window", statistics.median(without), statistics.median(with_torch), ratio, what)


def _live() -> list[Row]:
    """The window with a running transformer, an idle event loop beside it, and bare forwards before and after."""
    bare, alone = [_child(bare_forwards)["pace"]], [_child(live_alone)["pace"]]
    idle = _begin(idle_loop)
    window = _child(live_window)
    other = _end(idle)
    alone.append(_child(live_alone)["pace"])
    bare.append(_child(bare_forwards)["pace"])
    plain, observed = statistics.mean(bare), statistics.mean(alone)
    worst, idle_worst = window["longest_ms"], other["longest_ms"]
    pace, frames, drawn = window["pace"], window["frames"], window["drawn"]
    late, idle_late = window["p99_ms"], other["p99_ms"]
    return [
        Row("longest stall", worst, idle_worst, worst / idle_worst, "ms in 20 s, live window / idle Qt loop beside it"),
        Row("longest stall, of its limit", worst, LIMIT_MS, worst / LIMIT_MS, "ms in 20 s / what a slot may take"),
        Row("stall, 99th percentile", late, idle_late, late / idle_late, "ms, live window / idle Qt loop beside it"),
        Row("pace in the window", pace, plain, pace / plain, "steps per s, live in the window / bare forward loop"),
        Row("pace without a window", observed, plain, observed / plain, "steps per s, live mode alone / bare loop"),
        Row("frames drawn", drawn, frames, drawn / frames, "per s, painted by the view / received"),
    ]


def start_window() -> dict[str, float]:
    """Show the window; the time since the parent began to start this process."""
    from PySide6.QtCore import QObject, QTimer

    assert "torch" not in sys.modules or os.environ.get("BENCH_TORCH") == "1"
    app, window, folder = _window()
    told: dict[str, float] = {}

    def painted() -> None:
        told["seconds"] = time.time() - float(os.environ["BENCH_BEGAN"])
        app.quit()

    keeper = QObject()
    # The event loop has shown and painted the window before its timers of no delay run out.
    QTimer.singleShot(0, keeper, lambda: (window.repaint(), painted()))
    window.show()
    app.exec()
    _close(window, folder)
    return told


def start_window_with_torch() -> dict[str, float]:
    """The same in a process that has imported torch, as a single-process program has."""
    os.environ["BENCH_TORCH"] = "1"
    import torch  # noqa: F401

    return start_window()


def live_window() -> dict[str, float]:
    """The real window on the transformer, live for some seconds, watched by a quick timer in its own event loop."""
    from PySide6.QtCore import QTimer

    from inspector.records.options import WindowOptions
    from inspector.ui.controllers.startup import Startup

    app, window, folder = _window()
    options = WindowOptions(path=str(EXAMPLE), live_steps=1_000_000, select=SELECTED)
    startup = Startup(window, options)
    probe = _Probe()
    parts = window.parts
    steps: list[tuple[float, int]] = []
    painted: list[float] = []

    def take(frame: Any) -> None:
        if not steps:
            QTimer.singleShot(int(1000 * LIVE_S), app, app.quit)
            probe.start()
        steps.append((time.perf_counter(), frame.step))

    parts.session.live_frame.connect(take)
    parts.activations.painted.connect(lambda: painted.append(time.perf_counter()))
    window.show()
    QTimer.singleShot(0, startup.begin)
    QTimer.singleShot(int(1000 * (LIVE_S + 60)), app, app.quit)
    app.exec()
    told = probe.told()
    _close(window, folder)
    (began, first), (ended, last) = steps[0], steps[-1]
    seconds = ended - began
    return {**told, "pace": (last - first) / seconds, "frames": len(steps) / seconds, "drawn": len(painted) / seconds}


def idle_loop() -> dict[str, float]:
    """An event loop that has nothing to do: how late is its timer on this machine, as busy as it is?"""
    from PySide6.QtCore import QCoreApplication, QTimer

    app = QCoreApplication([])
    probe = _Probe()
    probe.start()
    QTimer.singleShot(int(1000 * LIVE_S), app, app.quit)
    app.exec()
    return probe.told()


def bare_forwards() -> dict[str, float]:
    """The same model with the same inputs in a plain loop."""
    import torch

    model, chosen = _model()
    args, kwargs = chosen.to_model(model)
    with torch.no_grad():
        return {"pace": _pace(lambda: model(*args, **kwargs))}


def live_alone() -> dict[str, float]:
    """The same under observation, a frame every 33 ms at most, in a process that nothing else happens in."""
    from inspector.core.live import Live
    from inspector.host.live_mode import LiveMode
    from inspector.records.protocol import Focus

    model, chosen = _model()
    mode = LiveMode(_Stepper(Live(model, chosen)), Focus(SELECTED), 0)

    def step() -> None:
        if mode.step() is not None:
            mode.grant(1)

    try:
        return {"pace": _pace(step)}
    finally:
        mode.close()


class _Stepper:
    """Live mode's steps as the model process makes them."""

    def __init__(self, live: Any) -> None:
        self.step, self.close = live.step, live.close


def _model() -> tuple[Any, Any]:
    from inspector.core.inputs import choose_inputs
    from inspector.core.source import build_model, choose_offer, open_source

    source = open_source(str(EXAMPLE))
    model = build_model(source, choose_offer(source.record, None))
    return model, choose_inputs(model, source)


def _pace(step: Callable[[], object]) -> float:
    step()
    steps, began = 0, time.perf_counter()
    while time.perf_counter() - began < BARE_S:
        step()
        steps += 1
    return steps / (time.perf_counter() - began)


class _Probe:
    """A timer that should fire every other millisecond; what it is late by is what the loop was busy for."""

    def __init__(self) -> None:
        from PySide6.QtCore import Qt, QTimer

        self._timer = QTimer()
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(TICK_MS)
        self._timer.timeout.connect(self._tick)
        self._last = 0.0
        self._late: list[float] = []

    def start(self) -> None:
        """Begin to watch."""
        self._last = time.perf_counter()
        self._timer.start()

    def told(self) -> dict[str, float]:
        """Milliseconds: the longest, and what 99 % of the stretches between two ticks were shorter than."""
        self._timer.stop()
        late = sorted(self._late)
        return {"longest_ms": late[-1], "p99_ms": late[int(0.99 * len(late))]}

    def _tick(self) -> None:
        now = time.perf_counter()
        self._late.append(max(1e3 * (now - self._last) - TICK_MS, 1e-3))
        self._last = now


def _window() -> tuple[Any, Any, tempfile.TemporaryDirectory[str]]:
    """Application, window, and the folder of settings that nobody remembers."""
    from PySide6.QtCore import QSize

    from inspector.session.session import Session
    from inspector.ui.app import make_application
    from inspector.ui.settings import Settings
    from inspector.ui.window import make_window

    app = make_application()
    folder = tempfile.TemporaryDirectory()
    window = make_window(Session(sys.executable), Settings(Path(folder.name) / "window.ini"), "dark", remember=False)
    window.fit(QSize(1400, 900))
    return app, window, folder


def _close(window: Any, folder: tempfile.TemporaryDirectory[str]) -> None:
    window.close()
    window.parts.session.close()
    folder.cleanup()


def _begin(task: Callable[[], dict[str, float]]) -> subprocess.Popen[str]:
    """Start a function of this module in a process of its own."""
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "BENCH_BEGAN": repr(time.time())}
    command = [sys.executable, "-m", "tests.benchmarks.bench_window", task.__name__]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=environment)


def _end(process: subprocess.Popen[str]) -> dict[str, float]:
    output, _ = process.communicate(timeout=LIVE_S + 120)
    if process.returncode:
        raise RuntimeError(f"{process.args} ended with {process.returncode}")
    result: dict[str, float] = json.loads(output.strip().splitlines()[-1])
    return result


def _child(task: Callable[[], dict[str, float]]) -> dict[str, float]:
    return _end(_begin(task))


if __name__ == "__main__":
    print(json.dumps(globals()[sys.argv[1]]()))
