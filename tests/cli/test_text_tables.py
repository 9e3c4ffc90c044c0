"""Aligned tables that fit a terminal."""

from inspector.cli.json_text import json_text
from inspector.cli.text_tables import Column, table_text

COLUMNS = (Column("name", shrinks=True), Column("type", keep=1), Column("count", right=True), Column("note", keep=2))
ROWS = [("encoder.layers.0.attention", "Linear", "1", "sampled"), ("b", "ReLU", "1000", "")]


def test_that_columns_are_aligned():
    lines = table_text(COLUMNS, ROWS)
    assert lines == [
        "name                        type    count  note",
        "encoder.layers.0.attention  Linear      1  sampled",
        "b                           ReLU     1000",
    ]


def test_that_a_narrow_terminal_gets_fewer_columns_and_shorter_names():
    for width in range(24, 60):
        lines = table_text(COLUMNS, ROWS, width)
        assert max(map(len, lines)) <= width
        assert "1000" in lines[2]
    assert "type" not in table_text(COLUMNS, ROWS, 30)[0]
    assert "…" in table_text(COLUMNS, ROWS, 30)[1]


def test_that_no_rows_leave_the_titles():
    assert table_text(COLUMNS, []) == ["name  type  count  note"]


def test_that_json_has_no_nan_and_one_entry_a_line():
    import json
    import math

    document = {"a": math.nan, "list": [{"x": [math.inf, 1.5]}, {"x": []}], "text": "µ", "none": None, "empty": []}
    text = json_text(document)
    assert json.loads(text) == {
        "a": None,
        "list": [{"x": [None, 1.5]}, {"x": []}],
        "text": "µ",
        "none": None,
        "empty": [],
    }
    assert text.isascii()
    assert '    {"x": []}\n' in text
