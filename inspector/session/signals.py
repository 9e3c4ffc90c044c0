"""What a session tells the window."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal


class SessionSignals(QObject):
    """Everything that comes of a session's requests, and of itself.

    Signals:
        state_changed: `starting`, `loading torch`, `idle`, `busy`, `live`, `unresponsive` or `ended`.
        job_changed: the operation in progress, empty when there is none.
        problem_found: a Problem that a person should be told.
        output_received: printed text, at most ten times a second; a carriage return as its first character says that
            it replaces the line that is still open.
        input_asked: the prompt of a call of `input()`; answer with `answer_input`.
        torch_ready: a TorchReady, once for each process that is used.
        source_opened, model_opened, inputs_chosen, run_finished, look_ready, summary_ready, devices_listed,
            move_planned, moved: the record that was asked for. `model_opened` also follows `set_mode`.
        live_frame: a LiveFrame; call `grant_credit` when it is painted.
        live_ended: a LiveEnded.
        stack_received: what every thread of the model process is doing, as text.
        cancel_ignored: two seconds after `cancel` the job still runs: offer `kill`.
        checkpoint_opened: a CheckpointOpened; also after a restart.
        checkpoint_closed: the open checkpoint is closed, without another one in its place.
        tensor_statistics: StatisticsRows, at most ten times a second.
        tensor_look_ready: row and Look of the newest look that was asked for.
        values_ready, place_ready, singular_values_ready, tensors_verified: the record that was asked for.
        tensor_failed: row, operation and Problem where one of these, or a look, could not be had; told by
            `problem_found` too only when the file has changed on disk.
        exported: what was written where, in words.
        weights_planned, weights_loaded, weights_saved: the record that was asked for; `model_opened` comes before
            `weights_loaded`.
    """

    state_changed = Signal(str)
    job_changed = Signal(str)
    problem_found = Signal(object)
    output_received = Signal(str)
    input_asked = Signal(str)
    torch_ready = Signal(object)
    source_opened = Signal(object)
    model_opened = Signal(object)
    inputs_chosen = Signal(object)
    run_finished = Signal(object)
    look_ready = Signal(object)
    summary_ready = Signal(object)
    devices_listed = Signal(object)
    move_planned = Signal(object)
    moved = Signal(object)
    live_frame = Signal(object)
    live_ended = Signal(object)
    stack_received = Signal(str)
    cancel_ignored = Signal()
    checkpoint_opened = Signal(object)
    checkpoint_closed = Signal()
    tensor_statistics = Signal(object)
    tensor_look_ready = Signal(int, object)
    values_ready = Signal(object)
    place_ready = Signal(object)
    singular_values_ready = Signal(object)
    tensor_failed = Signal(int, str, object)
    tensors_verified = Signal(object)
    exported = Signal(str)
    weights_planned = Signal(object)
    weights_loaded = Signal(object)
    weights_saved = Signal(object)
