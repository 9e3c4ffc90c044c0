"""What a person's code can do to its process, tried for real: the window goes on, says it in words, and can kill."""

from __future__ import annotations

import contextlib
import itertools
import os
import re
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QTimer

from inspector.records.protocol import Focus

from .conftest import Talk

#: Waits for a mutex that it holds itself: neither another thread of Python nor a signal gets through.
HOLD_THE_LOCK = "import ctypes\nmutex = bytes(64)\nfor _ in range(2): ctypes.PyDLL(None).pthread_mutex_lock(mutex)"
linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="Linux only")


@pytest.mark.parametrize("body", ["while True: pass", "import time\ntime.sleep(60)", "input()"])
def test_that_what_takes_for_ever_can_be_cancelled_and_the_process_goes_on(talk: Talk, body: str) -> None:
    talk.run(body)
    process = talk.process
    talk.session.cancel()
    problem = talk.wait_for("problem_found", 3)
    assert (problem.id, problem.severity) == ("job.cancelled", "note")
    talk.wait(lambda: talk.session.state == "idle")
    talk.session.choose_inputs("1x8")
    talk.wait_for("inputs_chosen")
    assert talk.process is process


def test_that_an_import_that_hangs_can_be_cancelled(talk: Talk) -> None:
    talk.session.open_file(talk.file("while True: pass"))
    talk.wait(lambda: talk.all("job_changed") == ["source.open"])
    talk.session.cancel()
    assert talk.wait_for("problem_found").id == "job.cancelled"
    talk.open("def forward(): pass")


def test_that_what_waits_its_turn_can_be_cancelled_too(talk: Talk) -> None:
    """The process still imports what it needs when the person thinks better of it."""
    talk.session.open_file(talk.file("def build(): pass"))
    talk.session.cancel()
    talk.wait(lambda: talk.session.state == "idle")
    assert [problem.id for problem in talk.problems] == ["job.cancelled"]
    assert talk.all("source_opened") == []


def test_that_code_that_swallows_the_interruption_leads_to_kill(quick_watch: None, talk: Talk) -> None:
    talk.run("import time\nwhile True:\n    try: time.sleep(60)\n    except BaseException: pass")
    talk.session.cancel()
    talk.wait_for("cancel_ignored")
    assert talk.session.state == "busy"
    talk.session.kill()
    talk.wait_for("inputs_chosen")
    talk.wait(lambda: talk.session.state == "idle")
    assert talk.problems == []


def test_that_a_cancel_that_worked_offers_no_kill(quick_watch: None, talk: Talk) -> None:
    talk.run("while True: pass")
    talk.session.cancel()
    talk.wait_for("problem_found")
    talk.qtbot.wait(600)
    assert talk.all("cancel_ignored") == []


def test_that_c_code_that_holds_the_interpreter_shows_its_stack_and_can_be_killed(
    quick_watch: None, talk: Talk
) -> None:
    talk.run(HOLD_THE_LOCK)
    talk.wait(lambda: talk.session.state == "unresponsive")
    talk.session.cancel()
    start = time.monotonic()
    talk.session.request_stack()
    stack = talk.wait_for("stack_received")
    assert time.monotonic() - start < 2
    assert f'File "{talk.folder / "model.py"}", line 4 in forward' in stack
    assert "reader.py" not in stack
    talk.wait(lambda: talk.all("cancel_ignored"))
    assert talk.session.state == "unresponsive"
    process = talk.process
    talk.session.kill()
    talk.wait_for("inputs_chosen")
    talk.wait(lambda: talk.session.state == "idle")
    assert process.wait_until_gone(2)
    assert talk.problems == []


def test_that_a_process_that_answers_again_is_busy_again(quick_watch: None, talk: Talk) -> None:
    talk.run("import ctypes, time\nctypes.PyDLL(None).sleep(1)\ntime.sleep(60)")
    talk.wait(lambda: talk.session.state == "unresponsive")
    talk.wait(lambda: talk.session.state == "busy")


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ("import os\nos._exit(7)", "ended by itself with exit code 7 in forward"),
        ("import os\nos._exit(0)", "ended by itself with exit code 0 in forward"),
        ("import ctypes\nctypes.string_at(0)", "crashed: segmentation fault (SIGSEGV) in forward"),
        ("import os\nos.abort()", "crashed: aborted by C code (SIGABRT) in forward"),
        ("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)", "was killed (SIGKILL) in forward"),
        ("import os, signal\nos.kill(os.getpid(), signal.SIGTERM)\nwhile True: pass", "asked to terminate (SIGTERM)"),
        ("import sys\nsys.setrecursionlimit(10**9)\ndef f(): f.__class__; exec('f()', {'f': f})\nf()", "crashed: seg"),
    ],
)
def test_that_a_crash_is_told_in_words_and_a_restart_goes_on(talk: Talk, body: str, sentence: str) -> None:
    talk.run(f"print('last words')\n{body}")
    problem = talk.wait_for("problem_found")
    assert problem.id == "process.crashed"
    assert f"The model process {sentence}" in problem.message or sentence in problem.message
    assert "last words" in problem.detail
    assert talk.session.state == "ended"
    assert talk.all("job_changed")[-1] == ""
    talk.session.run_once()
    assert talk.problems[-1].id == "process.ended"
    talk.session.restart()
    talk.wait_for("inputs_chosen")
    talk.wait(lambda: talk.session.state == "idle")


def test_that_a_segmentation_fault_points_to_the_persons_line(talk: Talk) -> None:
    talk.run("import ctypes\nctypes.string_at(0)")
    problem = talk.wait_for("problem_found")
    path = str(talk.folder / "model.py")
    assert (problem.frames[-1].file, problem.frames[-1].line, problem.frames[-1].function) == (path, 3, "forward")
    assert problem.where == f"{path}:3"
    assert not [frame for frame in problem.frames if "/inspector/" in frame.file]


@pytest.mark.parametrize(
    ("before", "after", "words"), [(None, 1, "most likely"), (3, 4, "the system ran out"), (3, 3, "another program")]
)
def test_that_a_kill_from_outside_says_what_is_known_about_memory(
    talk: Talk, monkeypatch: pytest.MonkeyPatch, before: int | None, after: int, words: str
) -> None:
    talk.run("while True: pass")
    talk.process._memory_kills = before
    monkeypatch.setattr("inspector.session.ending.memory_kills", lambda: after)
    os.kill(talk.process.pid, signal.SIGKILL)
    problem = talk.wait_for("problem_found")
    assert words in problem.message
    assert "memory" in problem.message


@pytest.fixture
def small_group() -> Iterator[Path]:
    """A control group that may use 100 MB, where we may make one."""
    for place, limit in (("memory/inspector-test", "memory.limit_in_bytes"), ("inspector-test", "memory.max")):
        group = Path("/sys/fs/cgroup") / place
        try:
            group.mkdir()
            (group / limit).write_text(str(100 << 20))
        except OSError:
            with contextlib.suppress(OSError):
                group.rmdir()
            continue
        yield group
        group.rmdir()
        return
    pytest.skip("no control group can be made here")


def test_that_the_kernels_kill_for_memory_is_told_as_that(talk: Talk, small_group: Path) -> None:
    talk.open("def forward():\n    keep = []\n    while True: keep.append(b'x' * (1 << 20))")
    (small_group / "cgroup.procs").write_text(str(talk.process.pid))
    talk.session.run_once()
    assert "(SIGKILL) in forward: the system ran out of memory" in talk.wait_for("problem_found").message
    talk.session.restart()
    talk.wait_for("inputs_chosen")


def test_that_a_crash_in_live_mode_ends_it(talk: Talk) -> None:
    talk.open("import os\nn = 0\ndef forward():\n    global n\n    n += 1\n    if n > 1000: os._exit(3)")
    talk.session.start_live(Focus(None))
    assert talk.wait_for("live_ended").problem is None
    assert "exit code 3 in forward" in talk.wait_for("problem_found").message
    assert talk.session.state == "ended"


def test_that_live_mode_draws_on_after_a_silence(quick_watch: None, talk: Talk) -> None:
    talk.open(
        "import ctypes, time\nn = 0\ndef forward():\n    global n\n    n += 1\n    time.sleep(0.01)\n"
        "    if n == 20: ctypes.PyDLL(None).sleep(1)"
    )
    talk.session.start_live(Focus(None))
    talk.wait_for("live_frame")
    talk.wait(lambda: talk.session.state == "unresponsive")
    talk.wait(lambda: talk.session.state == "live")
    talk.wait_for("live_frame")


def test_that_a_million_lines_neither_block_the_model_nor_stall_the_window(talk: Talk) -> None:
    talk.open("def forward():\n    for number in range(1_000_000): print('line', number)")
    ticks: list[float] = []
    timer = QTimer(interval=5)
    timer.timeout.connect(lambda: ticks.append(time.perf_counter()))
    timer.start()
    talk.session.run_once()
    talk.wait_for("run_finished", 60)
    talk.wait(lambda: talk.output.endswith("line 999999\n"))
    timer.stop()
    stalls = [later - earlier for earlier, later in itertools.pairwise(ticks)]
    print("longest stall", max(stalls))
    assert max(stalls) < 0.25
    texts = talk.all("output_received")
    assert max(map(len, texts)) < 100_000
    assert "lines left out …" in talk.output
    shown = talk.output.count("line ")
    left_out = sum(int(count.replace("\u2009", "")) for count in re.findall("… ([\\d\u2009]+) lines", talk.output))
    assert shown + left_out == 1_000_000


def test_that_input_is_asked_in_the_window(talk: Talk) -> None:
    talk.run("print('hello ' + input('your name? '))")
    assert talk.wait_for("input_asked") == "your name? "
    assert talk.session.state == "busy"
    talk.session.answer_input("Ada")
    talk.wait_for("run_finished")
    talk.wait(lambda: talk.output == "your name? Ada\nhello Ada\n")


def test_that_a_closed_question_raises_eof_and_a_late_answer_is_dropped(talk: Talk) -> None:
    talk.open(
        "def forward():\n"
        "    try: print(input('first'))\n"
        "    except EOFError as error: print('nobody:', error)\n"
        "    print(input('second'))"
    )
    talk.session.run_once()
    talk.wait_for("input_asked")
    talk.session.answer_input(None)
    talk.wait(lambda: talk.all("input_asked") == ["first", "second"])
    talk.session.cancel()
    talk.wait_for("problem_found")
    talk.session.answer_input("too late")
    talk.session.run_once()
    talk.wait(lambda: len(talk.all("input_asked")) == 3)
    talk.session.answer_input("right")
    talk.wait(lambda: len(talk.all("input_asked")) == 4)
    talk.session.answer_input("again")
    talk.wait_for("run_finished")
    talk.wait(lambda: "again" in talk.output)
    assert "nobody: the question was closed" in talk.output
    assert "too late" not in talk.output


def test_that_only_the_main_thread_may_ask_and_raw_stdin_is_empty(talk: Talk) -> None:
    talk.run(
        "import sys, threading, os\n"
        "def ask():\n"
        "    try: input()\n"
        "    except EOFError: print('no one there', flush=True)\n"
        "thread = threading.Thread(target=ask)\nthread.start()\nthread.join()\n"
        "if os.fork() == 0:\n    ask()\n    os._exit(0)\nos.wait()\n"
        "print(repr(sys.stdin.read()))"
    )
    talk.wait_for("run_finished")
    talk.wait(lambda: talk.output == "no one there\nno one there\n''\n")


def test_that_threads_left_behind_do_not_keep_the_process(talk: Talk) -> None:
    talk.run("import threading, time\nthreading.Thread(target=time.sleep, args=(600,)).start()")
    talk.wait_for("run_finished")
    process = talk.process
    talk.session.close()
    assert process.wait_until_gone(0)


SPOIL = """
import os, socket
def link():
    for name in os.listdir('/proc/self/fd'):
        if name.isdigit() and os.path.exists('/proc/self/fd/' + name):
            if os.readlink('/proc/self/fd/' + name).startswith('socket:'): return int(name)
def forward():
    import time
"""


@linux
@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("os.write(link(), b'GET / HTTP/1.1' * 10)", "makes no sense"),
        ("os.write(link(), b'INSP' + bytes([9, 0, 0, 0]) + bytes(8) + b'{\"half')\n    os._exit(5)", "exit code 5"),
        ("socket.socket(fileno=link()).shutdown(socket.SHUT_RDWR)", "lost its link"),
    ],
)
def test_that_a_spoilt_link_is_told_and_the_window_goes_on(talk: Talk, body: str, words: str) -> None:
    talk.open(f"{SPOIL}    {body}\n    time.sleep(60)\n")
    talk.session.run_once()
    problem = talk.wait_for("problem_found")
    assert words in problem.message
    assert talk.session.state == "ended"
    talk.session.restart()
    talk.wait_for("inputs_chosen")


@linux
def test_that_records_that_make_no_sense_are_refused(talk: Talk) -> None:
    talk.open(
        f"{SPOIL}    import json, struct\n"
        "    header = json.dumps({'kind': 'event', 'id': 0, 'op': 'live.frame', 'body': {}, 'buffers': []}).encode()\n"
        "    os.write(link(), struct.pack('<4sIQ', b'INSP', len(header), 0) + header)\n"
        "    time.sleep(60)"
    )
    talk.session.run_once()
    problem = talk.wait_for("problem_found")
    assert problem.id == "process.protocol"
    assert "LiveFrame" in problem.detail


def test_that_a_spare_that_dies_is_replaced_when_it_is_needed(make_talk: Callable[..., Talk]) -> None:
    talk = make_talk()
    talk.open("def forward(): pass")
    talk.wait(lambda: talk.session._spare._waiting and talk.session._spare._waiting.torch)
    spare = talk.session._spare._waiting
    os.kill(spare.pid, signal.SIGKILL)
    assert spare.wait_until_gone(5)
    talk.session.restart()
    talk.wait_for("inputs_chosen")
    assert talk.problems == []
