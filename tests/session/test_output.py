"""Printed bytes become plain, bounded text."""

from __future__ import annotations

import random
import time

import pytest

from inspector.session.output import KEPT_BYTES, Output


def shown(*pieces: bytes) -> list[str]:
    """What each look gives, one look after each piece."""
    output = Output()
    texts = []
    for piece in pieces:
        output.add(piece)
        texts.append(output.take())
    return texts


def test_that_text_comes_as_it_is_and_only_once() -> None:
    assert shown("Größe ✓\n\tindented\n".encode(), b"", b"more") == ["Größe ✓\n\tindented\n", "", "more"]


def test_that_only_the_first_block_says_that_something_waits() -> None:
    output = Output()
    assert [output.add(b"a"), output.add(b"b")] == [True, False]
    output.take()
    assert output.add(b"c")


@pytest.mark.parametrize(
    ("pieces", "expected"),
    [
        ([b"\x1b[31mred\x1b[0m \x1b]0;title\x07\x1b[2Kplain\x1b[1;2H"], ["red plain"]),
        ([b"red\x1b[3", b"1mgreen"], ["red", "green"]),
        ([b"a\x1b", b"[0mb"], ["a", "b"]),
        ([b"one\r\ntwo\r\r\n"], ["one\ntwo\n"]),
        ([b"one\r", b"\ntwo"], ["one", "\ntwo"]),
        ([b"10%\r20%\r30%\n"], ["30%\n"]),
        ([b"10%", b"\r20%", b"\r30%\ndone"], ["10%", "\r20%", "\r30%\ndone"]),
        ([b"10%\r", b"20%\r", b"30%\n"], ["10%", "\r20%", "\r30%\n"]),
        ([b"line\n", b"\rnext"], ["line\n", "next"]),
        ([b"a\x07\x08b\x00"], ["ab"]),
        ([b"\xff\xfe!"], ["\ufffd\ufffd!"]),
        (["ä".encode()[:1], "ä".encode()[1:]], ["", "ä"]),
    ],
    ids=repr,
)
def test_that_terminal_tricks_become_plain_text(pieces: list[bytes], expected: list[str]) -> None:
    assert shown(*pieces) == expected


def test_that_of_very_much_the_beginning_and_the_end_are_kept() -> None:
    output = Output()
    lines = b"".join(b"line %d\n" % number for number in range(1_000_000))
    start = time.perf_counter()
    for place in range(0, len(lines), 65536):
        output.add(lines[place : place + 65536])
    text = output.take()
    assert time.perf_counter() - start < 1
    assert len(text) < 3 * KEPT_BYTES
    assert text.startswith("line 0\nline 1\n")
    assert text.endswith("line 999998\nline 999999\n")
    gap = next(line for line in text.splitlines() if "left out" in line)
    kept = len(text.splitlines()) - 1
    assert gap == f"… {1_000_000 - kept:,} lines left out …".replace(",", "\u2009")
    assert output.last_lines(2) == "line 999998\nline 999999"


def test_that_one_endless_line_is_bounded_too() -> None:
    output = Output()
    for _ in range(100):
        output.add(b"x" * 65536)
    text = output.take()
    assert len(text) < 4 * KEPT_BYTES
    assert "bytes left out" in text


def test_that_any_cutting_into_pieces_gives_the_same_text() -> None:
    raw = ("Größe \x1b[31mrot\x1b[0m\r\n" * 30 + "✓ fertig\n").encode()
    whole = shown(raw)[0]
    chance = random.Random(3)
    for _ in range(30):
        cuts = sorted(chance.randrange(len(raw)) for _ in range(8))
        pieces = [raw[a:b] for a, b in zip([0, *cuts], [*cuts, len(raw)], strict=True)]
        assert "".join(shown(*pieces)) == whole


def test_that_the_last_lines_are_known_whether_or_not_they_were_taken() -> None:
    output = Output()
    output.add(b"one\n")
    output.take()
    output.add(b"two\r\nthree")
    assert output.last_lines() == "one\ntwo\nthree"
