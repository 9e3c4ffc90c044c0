"""Opening, running and reopening through a session, with a real model process behind it."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

from inspector.records.protocol import Focus

from .conftest import Talk, processes_of


def test_that_a_file_is_opened_built_and_given_inputs_in_order(talk: Talk) -> None:
    path = talk.file("def build(): print('built')\nprint('imported')")
    talk.session.open_file(path)
    talk.wait_for("inputs_chosen")
    order = [
        name for name, _ in talk.heard if name in ("torch_ready", "source_opened", "model_opened", "inputs_chosen")
    ]
    assert order == ["torch_ready", "source_opened", "model_opened", "inputs_chosen"]
    talk.wait(lambda: talk.session.state == "idle")
    states = talk.all("state_changed")
    assert [state for state in states if state != "starting"] == ["loading torch", "busy", "idle"]
    assert talk.all("job_changed") == ["source.open", "", "model.build", "", "inputs.choose", ""]
    assert talk.session.source.path == path
    assert talk.session.model.info.title == "build()"
    talk.wait(lambda: talk.output == "imported\nbuilt\n")


def test_that_a_file_without_an_obvious_candidate_waits_for_a_choice(talk: Talk) -> None:
    talk.session.open_file(talk.file("def other(): pass"))
    talk.wait_for("source_opened")
    talk.wait(lambda: talk.session.state == "idle")
    assert talk.all("model_opened") == []
    talk.session.build("build", "hidden=3")
    talk.wait_for("problem_found")
    assert talk.problems[0].id == "model.none"


def test_that_model_arguments_and_inputs_of_the_command_line_are_used(talk: Talk) -> None:
    talk.session.open_file(talk.file("def build(): pass"), "build", "hidden=3", "2x16:int64")
    plan = talk.wait_for("inputs_chosen")
    assert plan.inputs[0].text == "2x16:int64"
    assert talk.session.model.info.title == "build(hidden=3)"


def test_that_another_file_takes_the_spare_and_leaves_nothing_of_the_first(talk: Talk) -> None:
    talk.open("def forward(): print('first')")
    first = talk.process
    talk.wait(lambda: talk.session._spare._waiting and talk.session._spare._waiting.torch)
    spare = talk.session._spare._waiting
    start = time.perf_counter()
    talk.session.open_file(talk.file("def build(): pass", "second.py"))
    talk.wait_for("inputs_chosen")
    assert time.perf_counter() - start < 1
    assert talk.process is spare
    assert first.wait_until_gone(5)
    assert not os.path.exists(f"/proc/{first.pid}")
    assert talk.problems == []


def test_that_restarting_and_killing_bring_back_what_was_open(talk: Talk) -> None:
    talk.session.open_file(talk.file("def build(): pass\ndef forward(): pass"), "build", "hidden=3")
    talk.wait_for("inputs_chosen")
    talk.session.choose_inputs("1x8")
    before = talk.wait_for("inputs_chosen")
    source, info = talk.session.source, talk.session.model.info
    for again in (talk.session.restart, talk.session.kill):
        process = talk.process
        again()
        plan = talk.wait_for("inputs_chosen")
        assert talk.process is not process
        assert (talk.session.source, talk.session.model.info, plan) == (source, info, before)
    talk.wait(lambda: talk.session.state == "idle")
    talk.session.run_once()
    talk.wait_for("run_finished")


def test_that_a_file_that_hung_at_import_is_not_opened_again_by_a_kill(talk: Talk) -> None:
    talk.session.open_file(talk.file("while True: pass"))
    talk.wait(lambda: talk.all("job_changed") == ["source.open"])
    talk.session.kill()
    talk.wait(lambda: talk.session.state == "idle")
    assert talk.session.source is None
    assert talk.all("job_changed") == ["source.open", ""]


def test_that_inputs_whose_trial_hung_are_not_tried_again_by_a_kill(talk: Talk) -> None:
    talk.session.open_file(talk.file("def build(): pass\ndef check():\n    while True: pass"))
    talk.wait(lambda: talk.session._job == "inputs.choose")
    talk.session.kill()
    talk.wait_for("model_opened")
    talk.wait(lambda: talk.session.state == "idle")
    assert talk.all("inputs_chosen") == []


def test_that_a_failure_keeps_the_process_and_is_told_once(talk: Talk) -> None:
    talk.open("def forward(): raise SystemExit(3)")
    talk.session.run_once()
    problem = talk.wait_for("problem_found")
    assert problem.id == "job.exit"
    assert "sys.exit(3)" in problem.message
    talk.wait(lambda: talk.session.state == "idle")
    assert len(talk.problems) == 1


def test_that_an_error_of_ours_says_so_with_its_traceback(talk: Talk) -> None:
    talk.open("def forward(): {}['missing']")
    talk.session.run_once()
    problem = talk.wait_for("problem_found")
    assert problem.id == "internal"
    assert "KeyError" in problem.detail


def test_that_an_endless_error_message_is_cut(talk: Talk) -> None:
    talk.open("def forward(): raise ValueError('x' * 50_000_000)")
    talk.session.run_once()
    problem = talk.wait_for("problem_found")
    assert len(problem.message) < 3000
    assert len(problem.detail) < 200_000


def test_that_what_cannot_be_sent_either_way_is_told_and_nothing_waits_for_it(talk: Talk) -> None:
    talk.session.open_file(talk.file("def build(): return 'x' * 20_000_000"), "build")
    assert "What came of model.build cannot be sent" in talk.wait_for("problem_found").message
    talk.session.build("build", "x" * 20_000_000)
    assert "The request model.build cannot be sent" in talk.wait_for("problem_found").message
    talk.wait(lambda: talk.session.state == "idle")


def test_that_live_mode_sends_one_frame_for_each_credit(talk: Talk) -> None:
    talk.open("def forward(): pass")
    talk.session.start_live(Focus("layer"))
    first = talk.wait_for("live_frame")
    assert first.calls.names == ["layer"]
    assert talk.session.state == "live"
    talk.qtbot.wait(150)
    assert len(talk.all("live_frame")) == 1
    talk.session.set_focus(Focus("other"))
    talk.session.grant_credit()
    second = talk.wait_for("live_frame")
    assert second.step > first.step + 100
    assert second.calls.names == ["other"]
    talk.session.stop_live()
    ended = talk.wait_for("live_ended")
    assert ended.step >= second.step
    assert ended.problem is None
    talk.wait(lambda: talk.session.state == "idle")


def test_that_frames_come_no_faster_than_a_screen_shows(talk: Talk) -> None:
    talk.open("def forward(): pass")
    talk.session.live_frame.connect(lambda frame: talk.session.grant_credit())
    talk.session.start_live(Focus(None))
    start = time.monotonic()
    talk.wait(lambda: len(talk.all("live_frame")) == 10)
    assert time.monotonic() - start >= 9 * 0.033
    talk.session.stop_live()
    talk.wait_for("live_ended")


def test_that_other_requests_are_served_between_live_steps(talk: Talk) -> None:
    talk.open("def forward(): pass")
    talk.session.start_live(Focus(None))
    talk.wait_for("live_frame")
    talk.session.run_once()
    talk.wait_for("run_finished")
    talk.session.choose_inputs("1x8")
    talk.wait_for("inputs_chosen")
    assert talk.session.state == "live"
    talk.session.grant_credit()
    talk.wait_for("live_frame")
    talk.session.build("build")
    talk.wait_for("inputs_chosen")
    assert len(talk.all("live_ended")) == 1
    talk.wait(lambda: talk.session.state == "idle")


def test_that_live_mode_ends_with_the_error_that_the_model_raised(talk: Talk) -> None:
    talk.open("count = 0\ndef forward():\n    global count\n    count += 1\n    if count == 5: raise ValueError('odd')")
    talk.session.start_live(Focus(None))
    ended = talk.wait_for("live_ended")
    assert ended.step == 4
    assert "odd" in ended.problem.message
    talk.wait(lambda: talk.session.state == "idle")
    assert talk.all("job_changed")[-1] == ""


def test_that_cancel_ends_live_mode_and_the_process_goes_on(talk: Talk) -> None:
    talk.open("import time\ndef forward(): time.sleep(0.01)")
    talk.session.start_live(Focus(None))
    talk.wait_for("live_frame")
    talk.session.cancel()
    ended = talk.wait_for("live_ended")
    assert ended.problem.id == "job.cancelled"
    talk.session.start_live(Focus(None))
    talk.wait_for("live_frame")


def test_that_killing_in_live_mode_says_that_it_ended(talk: Talk) -> None:
    talk.open("def forward(): pass")
    talk.session.start_live(Focus(None))
    talk.wait_for("live_frame")
    talk.session.kill()
    assert len(talk.all("live_ended")) == 1
    talk.wait_for("inputs_chosen")


def test_that_nothing_is_left_after_closing_at_any_moment(make_talk: Callable[..., Talk]) -> None:
    """The fixture looks for processes, threads and open files."""
    runtime = set(Path("/tmp").glob("inspector-*"))
    at_once = make_talk()
    at_once.session.close()
    starting = make_talk()
    starting.session.open_file(starting.file("while True: pass"))
    starting.session.close()
    busy = make_talk()
    busy.run("while True: pass")
    pids = [process.pid for process in processes_of(busy.session)]
    start = time.perf_counter()
    busy.session.close()
    assert time.perf_counter() - start < 1
    assert not [pid for pid in pids if pid and os.path.exists(f"/proc/{pid}")]
    assert set(Path("/tmp").glob("inspector-*")) - runtime == set()
    busy.session.run_once()
    assert busy.problems[-1].id == "process.ended"
