"""Numbers as a person reads them."""

import math

import pytest

from inspector.records.formats import bytes_text, count, duration_text, number_text, pace_text, shape_text, share_text


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "0"),
        (999, "999"),
        (1000, "1\u2009000"),
        (109386, "109\u2009386"),
        (-12345, "-12\u2009345"),
        (10**9, "1\u2009000\u2009000\u2009000"),
    ],
)
def test_that_counts_have_thin_spaces(number, text):
    assert count(number) == text


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "0.98 KiB"),
        (1023, "1.00 KiB"),
        (1024, "1.00 KiB"),
        (437_544, "427 KiB"),
        (1024**2, "1.00 MiB"),
        (1023 * 1024, "1.00 MiB"),
        (5 * 1024**3, "5.00 GiB"),
        (81_559 * 1024**2, "79.6 GiB"),
        (2048 * 1024**5, "2\u2009048 PiB"),
        (-1, "unknown"),
    ],
)
def test_that_sizes_have_binary_units(size, text):
    assert bytes_text(size) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.0, "0 s"),
        (4.2e-8, "42.0 ns"),
        (1.5e-6, "1.50 µs"),
        (9.9996e-4, "1.00 ms"),
        (0.01234, "12.3 ms"),
        (0.9994, "999 ms"),
        (0.9996, "1.00 s"),
        (59.96, "60.0 s"),
        (119.0, "119 s"),
        (125.0, "2 min 5 s"),
        (math.nan, "–"),
        (-0.002, "-2.00 ms"),
    ],
)
def test_that_durations_have_the_unit_that_fits(seconds, text):
    assert duration_text(seconds) == text


def test_that_shapes_read_with_crosses():
    assert shape_text((1, 3, 224, 224)) == "1 × 3 × 224 × 224"
    assert shape_text([]) == "scalar"
    assert shape_text(None) == "not initialised"
    assert shape_text([0]) == "0"


@pytest.mark.parametrize(
    ("share", "text"),
    [(0.0, "0.0 %"), (0.1234, "12.3 %"), (1.0, "100 %"), (0.0001, "<0.1 %"), (0.9999, "100.0 %"), (math.nan, "–")],
)
def test_that_shares_are_per_cent(share, text):
    assert share_text(share) == text


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0.0, "0"),
        (0.123456, "0.1235"),
        (-12.3456, "-12.35"),
        (0.99996, "1.000"),
        (1234.56, "1235"),
        (5.0, "5"),
        (40000.0, "40\u2009000"),
        (1.23456e7, "1.235e+07"),
        (1.23e-5, "1.230e-05"),
        (math.nan, "NaN"),
        (math.inf, "inf"),
        (-math.inf, "-inf"),
        (99_999.7, "1.000e+05"),
    ],
)
def test_that_measured_numbers_have_four_digits(number, text):
    assert number_text(number) == text


@pytest.mark.parametrize(
    ("pace", "text"), [(0.5234, "0.523 steps/s"), (132.4, "132 steps/s"), (16_123.4, "16\u2009123 steps/s")]
)
def test_that_the_pace_reads_well_at_any_size(pace, text):
    assert pace_text(pace) == text
