"""Frames over a real socket pair: whole ones arrive, others end in a LinkError, and lies cost no memory."""

from __future__ import annotations

import json
import resource
import socket
import struct
import threading
import time
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inspector.link.framing import MAGIC, Channel, LinkClosedError, LinkError

Pair = tuple[Channel, socket.socket]


@pytest.fixture
def pair() -> Iterator[Pair]:
    """A channel and the bare socket at its other end."""
    one, other = socket.socketpair()
    channel = Channel(one)
    yield channel, other
    channel.close()
    other.close()


def frame(header: bytes, payload: bytes = b"", magic: bytes = MAGIC) -> bytes:
    return struct.pack("<4sIQ", magic, len(header), len(payload)) + header + payload


def test_that_a_header_and_buffers_of_any_size_arrive(pair: Pair) -> None:
    sender = Channel(pair[1])
    buffers = [memoryview(bytes([i]) * size) for i, size in enumerate((0, 1, 64, 65, 100_000, 3_000_000))]
    header = {"kind": "event", "body": {"text": "Größe \ud800 \0", "none": None}}
    writer = threading.Thread(target=sender.send, args=(header, buffers))
    writer.start()
    received = pair[0].recv()
    writer.join()
    assert received.header == header
    assert received.buffers == buffers


def test_that_frames_of_several_threads_do_not_mix(pair: Pair) -> None:
    sender = Channel(pair[1])

    def send(mark: int) -> None:
        for _ in range(50):
            sender.send({"mark": mark}, [memoryview(bytes([mark]) * 70_000)])

    threads = [threading.Thread(target=send, args=(mark,)) for mark in range(4)]
    for thread in threads:
        thread.start()
    for _ in range(200):
        received = pair[0].recv()
        assert set(bytes(received.buffers[0])) == {received.header["mark"]}
    for thread in threads:
        thread.join()


def test_that_an_ended_link_is_told_apart_from_a_half_message(pair: Pair) -> None:
    pair[1].sendall(frame(b'{"buffers":[]}') + frame(b'{"buffers":[]}')[:-3])
    pair[1].shutdown(socket.SHUT_RDWR)
    assert pair[0].recv().header == {}
    with pytest.raises(LinkError, match="within a message") as caught:
        pair[0].recv()
    assert not isinstance(caught.value, LinkClosedError)
    with pytest.raises(LinkClosedError):
        pair[0].recv()
    with pytest.raises(LinkClosedError):
        pair[0].send({})


def test_that_closing_wakes_a_waiting_reader(pair: Pair) -> None:
    ended: list[Exception] = []

    def read() -> None:
        try:
            pair[0].recv()
        except LinkError as error:
            ended.append(error)

    reader = threading.Thread(target=read)
    reader.start()
    pair[0].shut_down()
    reader.join(5)
    assert isinstance(ended[0], LinkClosedError)


@pytest.mark.parametrize(
    "data",
    [
        frame(b'{"buffers":[]}', magic=b"HTTP"),
        frame(b"{buffers:[]}"),
        frame(b"[]"),
        frame(b"\xff\xfe"),
        frame(b"{}"),
        frame(b'{"buffers":[1]}'),
        frame(b'{"buffers":[-64]}', bytes(64)),
        frame(b'{"buffers":[true]}', bytes(64)),
        frame(b'{"buffers":[65]}', bytes(64)),
        frame(b'{"buffers":[1, 1]}', bytes(64)),
        frame(b'{"buffers":[], "a": NaN}'),
        frame(b'{"buffers":[], "a": ' + b"9" * 10_000 + b"}"),
        frame(b'{"buffers":' + b"[" * 200_000),
        struct.pack("<4sIQ", MAGIC, (16 << 20) + 1, 0),
        struct.pack("<4sIQ", MAGIC, 2, (256 << 20) + 1),
        struct.pack("<4sIQ", MAGIC, 2, 2**64 - 1),
    ],
    ids=lambda data: repr(data[16:50]),
)
def test_that_what_is_no_frame_is_refused(pair: Pair, data: bytes) -> None:
    writer = threading.Thread(target=pair[1].sendall, args=(data,))
    writer.start()
    with pytest.raises(LinkError):
        pair[0].recv()
    pair[0].shut_down()
    writer.join()


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=200))
def test_that_any_bytes_end_in_a_link_error(data: bytes) -> None:
    one, other = socket.socketpair()
    other.sendall(frame(b"x" * 3)[: len(data) % 17] + data)
    other.close()
    channel = Channel(one)
    with pytest.raises(LinkError):
        channel.recv()
    channel.close()


def test_that_a_lying_length_takes_no_memory(pair: Pair) -> None:
    header = json.dumps({"buffers": [256 << 20]}).encode()
    pair[1].sendall(struct.pack("<4sIQ", MAGIC, len(header), 256 << 20) + header + bytes(1000))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.perf_counter()
    pair[1].shutdown(socket.SHUT_RDWR)
    with pytest.raises(LinkError, match="within a message"):
        pair[0].recv()
    assert time.perf_counter() - start < 1
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50_000  # KiB


def test_that_more_than_the_other_end_takes_is_not_sent(pair: Pair) -> None:
    with pytest.raises(LinkError, match="larger than allowed"):
        pair[0].send({"text": "x" * (17 << 20)})
    with pytest.raises(ValueError, match="JSON"):
        pair[0].send({"number": float("nan")})
    Channel(pair[1]).send({"still": "whole"})
    assert pair[0].recv().header == {"still": "whole"}
