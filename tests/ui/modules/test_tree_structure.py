"""Order, nesting and what is shown, against the same worked out row by row."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from inspector.ui.modules.structure import Structure
from inspector.ui.trees.outline import Outline
from tests.ui.modules.trees import big_table, linear, module, tree_table, tree_with_parents


@st.composite
def parents(draw, most=40):
    size = draw(st.integers(1, most))
    return [-1] + [draw(st.integers(0, row - 1)) for row in range(1, size)]


def walk(above, order, row=0):
    yield row
    for child in sorted((other for other in range(len(above)) if above[other] == row), key=order):
        yield from walk(above, order, child)


@given(parents(), st.data())
def test_that_rows_stand_below_their_parents_and_siblings_are_sorted(above, data):
    structure = Structure(tree_with_parents(above))
    assert structure.preorder().tolist() == list(walk(above, lambda row: row))
    ranks = data.draw(st.lists(st.integers(0, 3), min_size=len(above), max_size=len(above)))
    assert structure.preorder(np.array(ranks)).tolist() == list(walk(above, lambda row: (ranks[row], row)))


@given(parents(), st.data())
def test_that_exactly_the_accepted_rows_below_unfolded_ones_are_shown(above, data):
    size = len(above)
    outline = Outline(Structure(tree_with_parents(above)))
    unfolded = data.draw(st.lists(st.booleans(), min_size=size, max_size=size))
    chosen = data.draw(st.lists(st.booleans(), min_size=size, max_size=size))
    outline.expand_only(np.array(unfolded))

    def is_shown(row):
        return row == 0 or (unfolded[above[row]] and is_shown(above[row]))

    assert outline.visible == [row for row in walk(above, lambda row: row) if is_shown(row)]
    assert all(outline.position(row) == place for place, row in enumerate(outline.visible))
    accepted = outline.structure.with_ancestors(np.array(chosen))
    outline.accept(accepted)
    assert outline.visible == [row for row in walk(above, lambda row: row) if accepted[row]]
    outline.accept(None)
    assert outline.visible == [row for row in walk(above, lambda row: row) if is_shown(row)]


@given(parents(), st.data())
def test_that_ancestors_and_descendants_agree(above, data):
    structure = Structure(tree_with_parents(above))
    row = data.draw(st.integers(0, len(above) - 1))
    below = set(np.flatnonzero(structure.descendants(row)).tolist())
    assert below == {other for other in range(len(above)) if row in structure.ancestors(other)}
    chosen = np.zeros(len(above), dtype=bool)
    chosen[row] = True
    assert set(np.flatnonzero(structure.with_ancestors(chosen)).tolist()) == {row, *structure.ancestors(row)}
    assert structure.sizes[row] == len(below) + 1


def test_that_a_chain_of_a_thousand_modules_has_its_depth():
    structure = Structure(tree_with_parents([-1, *range(999)]))
    assert structure.depths[-1] == 999
    assert structure.preorder().tolist() == list(range(1000))


def test_that_a_small_model_is_unfolded_and_a_large_one_only_so_far():
    small = Outline(Structure(tree_table(module("Mlp", first=linear(2, 2), second=linear(2, 2)))))
    small.open_first_levels()
    assert len(small.visible) == 7
    large = Outline(Structure(big_table(2000)))
    large.open_first_levels()
    assert 1 < len(large.visible) <= 28
