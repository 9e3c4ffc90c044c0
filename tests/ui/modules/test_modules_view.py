"""The module tree as a person uses it: keys, mouse, filter, menus, and what it remembers."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtTest import QSignalSpy

from inspector.records.modules import RowKind
from inspector.ui.modules import ModulesView
from inspector.ui.modules.columns import Column
from inspector.ui.theme import ROW, apply_theme, themes
from tests.ui.modules.trees import Call, buffer, linear, live_frame, module, opened, parameter, run_result


def network(layers=3, **extra):
    tokens = module("Embedding", weight=parameter(100, 8))
    return module(
        "Network",
        tokens=tokens,
        layers=module("ModuleList", {str(number): module("Block", inner=linear(8, 8)) for number in range(layers)}),
        head=module("Linear", weight=tokens.children["weight"], scale=buffer(1)),
        frozen=linear(8, 8, frozen=True),
        **extra,
    )


def run(nan=0):
    blocks = tuple(
        Call(f"layers.{n}", 1e-3, (Call(f"layers.{n}.inner", 5e-4, nan=nan),), shape=(2, 8)) for n in range(3)
    )
    return Call("", 5e-3, (Call("tokens", 1e-3, shape=(2, 8)), *blocks, Call("head", 1e-3, shape=(2, 100))))


@pytest.fixture
def view(qtbot, qapp):
    apply_theme(qapp, themes()["dark"])
    view = ModulesView()
    qtbot.addWidget(view)
    view.resize(700, 600)
    view.show()
    qtbot.waitExposed(view)
    view.set_model(opened(network()))
    return view


def shown(view):
    return [view.model.cells.table.names[row] for row in view.model.visible]


def row(view, name):
    return view.model.cells.structure.row_of[name]


def place(view, name, column=Column.NAME):
    return view.tree.visualRect(view.model.index_of(row(view, name), column)).center()


def press(qtbot, view, *keys):
    for key in keys:
        qtbot.keyClick(view.tree, key)


# Choosing


def test_that_a_click_selects_and_tells_name_and_kind(view, qtbot):
    with qtbot.waitSignal(view.module_selected) as told:
        qtbot.mouseClick(view.tree.viewport(), Qt.MouseButton.LeftButton, pos=place(view, "tokens.weight"))
    assert told.args == ["tokens.weight", RowKind.PARAMETER]
    assert view.current() == "tokens.weight"


def test_that_selecting_from_outside_unfolds_and_says_nothing(view):
    spy = QSignalSpy(view.module_selected)
    view.select("layers.2.inner.bias")
    assert view.current() == "layers.2.inner.bias"
    assert view.tree.currentIndex().row() == shown(view).index("layers.2.inner.bias")
    assert spy.count() == 0
    view.select("no.such.module")
    assert view.current() == "layers.2.inner.bias"


def test_that_what_is_selected_is_brought_into_sight(view):
    view.resize(700, 200)
    for name in ("frozen.bias", "", "layers.2.inner.weight"):
        view.select(name)
        top, bottom = view.tree.shown_positions()
        assert top <= shown(view).index(name) <= bottom
    view.tree.set_expanded(row(view, "layers"), False)
    view.select("layers.2.inner.bias")  # its place is only made by unfolding
    top, bottom = view.tree.shown_positions()
    assert top <= shown(view).index("layers.2.inner.bias") <= bottom
    area = view.tree.visualRect(view.tree.currentIndex())
    assert area.top() >= 0
    assert area.bottom() <= view.tree.viewport().height()


def test_that_the_root_can_be_selected_and_told_from_nothing(view):
    assert not view.has_selection
    view.select("")
    assert view.has_selection
    assert view.current() == ""


def test_that_arrows_walk_unfold_and_fold(view, qtbot):
    view.select("layers.1.inner.bias")
    press(qtbot, view, Qt.Key.Key_Left)
    assert view.current() == "layers.1.inner"
    press(qtbot, view, Qt.Key.Key_Left)
    assert view.current() == "layers.1.inner"
    assert "layers.1.inner.bias" not in shown(view)
    press(qtbot, view, Qt.Key.Key_Left, Qt.Key.Key_Left, Qt.Key.Key_Left, Qt.Key.Key_Left)
    assert view.current() == "layers"
    assert "layers.1" not in shown(view)
    press(qtbot, view, Qt.Key.Key_Right, Qt.Key.Key_Right)
    assert view.current() == "layers.0"
    press(qtbot, view, Qt.Key.Key_Asterisk)
    assert "layers.0.inner.weight" in shown(view)
    press(qtbot, view, Qt.Key.Key_Minus)
    assert view.current() == "layers.0"
    assert "layers.0.inner" not in shown(view)
    press(qtbot, view, Qt.Key.Key_Down, Qt.Key.Key_Up, Qt.Key.Key_End)
    assert view.current() == shown(view)[-1]
    press(qtbot, view, Qt.Key.Key_Home)
    assert view.tree.current_row == 0


def test_that_typing_jumps_to_a_name(view, qtbot):
    view.select("")
    qtbot.keyClicks(view.tree, "hea")
    assert view.current() == "head"


def test_that_the_same_letter_again_goes_on_to_the_next(view, qtbot):
    view.select("")
    qtbot.keyClicks(view.tree, "w")
    first = view.current()
    qtbot.keyClicks(view.tree, "w")
    assert first.endswith("weight")
    assert view.current().endswith("weight")
    assert view.current() != first


def test_that_the_chevron_folds_without_selecting(view, qtbot):
    index = view.model.index_of(row(view, "layers"))
    chevron = view.tree.itemDelegate().name.chevron_area(view.tree.visualRect(index), row(view, "layers")).center()
    qtbot.mouseClick(view.tree.viewport(), Qt.MouseButton.LeftButton, pos=chevron)
    assert "layers.0" not in shown(view)
    assert not view.has_selection


def test_that_folding_above_the_selection_selects_what_was_folded(view, qtbot):
    view.select("layers.1.inner")
    with qtbot.waitSignal(view.module_selected) as told:
        view.tree.set_expanded(row(view, "layers"), False)
    assert told.args == ["layers", RowKind.MODULE]


@pytest.mark.parametrize("way", ["key", "mouse"])
def test_that_enter_and_a_double_click_activate(view, qtbot, way):
    view.select("tokens")
    with qtbot.waitSignal(view.activated) as told:
        if way == "key":
            press(qtbot, view, Qt.Key.Key_Return)
        else:
            qtbot.mouseDClick(view.tree.viewport(), Qt.MouseButton.LeftButton, pos=place(view, "tokens"))
    assert told.args == ["tokens"]


# A model after a model


def test_that_selection_and_unfolding_stay_when_the_same_names_come_again(view):
    view.select("layers.2.inner.bias")
    view.tree.set_expanded(row(view, "tokens"), False)
    before = shown(view)
    spy = QSignalSpy(view.module_selected)
    view.set_model(opened(network()))
    assert view.current() == "layers.2.inner.bias"
    assert view.tree.current_row == row(view, "layers.2.inner.bias")
    assert shown(view) == before
    assert spy.count() == 0
    view.set_model(opened(network(layers=5, extra=linear(2, 2))))
    assert view.current() == "layers.2.inner.bias"
    assert "layers.4" in shown(view)


def test_that_the_selection_goes_with_its_module(view):
    view.select("layers.2.inner")
    view.set_model(opened(network(layers=1)))
    assert not view.has_selection
    view.clear()
    assert view.tree.horizontalHeader().isHidden()


def test_that_a_new_model_while_filtered_is_filtered(view):
    view.set_filter("type:linear")
    view.set_model(opened(network(layers=5)))
    assert view.model.match_count == 7
    assert "tokens" not in shown(view)
    view.set_filter("")
    assert "tokens" in shown(view)


# The filter


def test_that_typing_filters_and_counts(view, qtbot):
    qtbot.keyClicks(view.filter_line.field, "embedding")
    qtbot.waitUntil(lambda: shown(view) == ["", "tokens"])
    assert view.filter_line._counter.text() == f"1 of {len(view.model.cells.structure)}"
    qtbot.keyClick(view.filter_line.field, Qt.Key.Key_Escape)
    assert len(shown(view)) > 2
    assert view.filter_line._counter.text() == ""


def test_that_what_means_nothing_is_told_and_the_last_filter_stays(view):
    view.set_filter("embedding")
    view.set_filter("embedding dtype:nonsense")
    assert "nonsense" in view.filter_line.complaint.text()
    assert view.filter_line.complaint.isVisible()
    assert shown(view) == ["", "tokens"]
    view.set_filter("head")
    assert not view.filter_line.complaint.isVisible()


def test_that_no_result_says_so_and_can_be_cleared(view, qtbot):
    view.set_filter("type:conv")
    assert "Nothing fits “type:conv”" in view._note.text
    view._note.link_clicked.emit()
    assert view.filter_line.text == ""
    assert view._note.text == ""
    view.set_filter("nan")
    assert "after a run" in view._note.text


def test_that_a_selected_row_that_the_filter_hides_comes_back_with_it(view):
    view.select("layers.2.inner.bias")
    view.set_filter("embedding")
    assert view.current() == "layers.2.inner.bias"
    assert view.tree.current_row < 0
    view.set_filter("")
    assert view.tree.current_row == row(view, "layers.2.inner.bias")


def test_that_down_goes_from_the_filter_to_its_first_match(view, qtbot):
    qtbot.keyClicks(view.filter_line.field, "head")
    qtbot.keyClick(view.filter_line.field, Qt.Key.Key_Down)
    assert view.current() == "head"


def test_that_an_example_of_the_help_is_typed_by_a_click(view, qtbot):
    view.filter_line.show_help()
    view.filter_line._help.chosen.emit("type:Linear")
    assert view.filter_line.text == "type:Linear"
    assert "head" in shown(view)
    view.filter_line._help.hide()


def test_that_a_filter_for_nan_fills_when_live_mode_finds_one(view, qtbot):
    view.set_filter("nan")
    assert shown(view) == []
    view.add_frame(live_frame(run(nan=2), 1))
    qtbot.waitUntil(lambda: "layers.1.inner" in shown(view), timeout=3000)


# Runs and live mode


def test_that_a_run_fills_shape_calls_and_time(view):
    view.set_run(run_result(run()))
    cells = view.model.cells
    assert cells.text(row(view, "head"), Column.SHAPE) == "2 × 100"
    assert cells.text(row(view, "layers.1"), Column.TIME) == "1.00 ms"
    assert cells.text(row(view, "frozen"), Column.CALLS) == "never"


def test_that_live_frames_repaint_at_most_ten_times_a_second_and_only_what_is_seen(view, qtbot):
    view.resize(700, 200)
    changed = []
    view.model.dataChanged.connect(lambda first, last, _roles: changed.append((first.row(), last.row())))
    for step in range(1, 40):
        view.add_frame(live_frame(run(), step))
        qtbot.wait(5)
    qtbot.waitUntil(lambda: not view._repaint.isActive())
    assert 0 < len(changed) <= 2 * 8  # two ranges of columns each time
    assert max(last for _, last in changed) < 200 // ROW + 1 < len(shown(view))


def test_that_sorting_by_time_follows_a_run_and_keeps_the_selection(view):
    view.select("head")
    view.tree.sortByColumn(Column.TIME, Qt.SortOrder.DescendingOrder)
    view.set_run(run_result(run()))
    assert next(name for name in shown(view) if name and "." not in name) == "layers"
    assert view.tree.current_row == row(view, "head")


# Menus, clipboard, columns


def act(view, name, row_name, column=Column.NAME):
    menu = view._commands.menu(row(view, row_name), column)
    action = next(action for action in menu.actions() if action.objectName() == f"modules.{name}")
    action.trigger()
    menu.deleteLater()


@pytest.mark.parametrize(
    ("action", "text"),
    [
        ("copy_path", "layers.1.inner.weight"),
        ("copy_expression", "model.layers[1].inner.weight"),
        ("copy_shape", "[8, 8]"),
        ("copy_cell", "float32"),
    ],
)
def test_that_a_row_is_copied(view, action, text):
    spy = QSignalSpy(view.copied)
    act(view, action, "layers.1.inner.weight", Column.DTYPE)
    assert QGuiApplication.clipboard().text() == text
    assert spy.count() == 1


def test_that_a_row_is_copied_with_the_headings_of_the_shown_columns(view):
    view.tree.columns.show_column(Column.BYTES, False)
    act(view, "copy_row", "tokens.weight")
    heads, values = (line.split("\t") for line in QGuiApplication.clipboard().text().split("\n"))
    assert heads[:2] == ["Name", "Type"]
    assert values[:2] == ["tokens.weight", "Parameter"]
    assert len(heads) == len(values)
    assert "Bytes" not in heads


def test_that_keys_copy_path_and_expression(view, qtbot):
    view.select("layers.0.inner")
    view.tree.setFocus()
    qtbot.keyClick(view.tree, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == "layers.0.inner"
    both = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    qtbot.keyClick(view.tree, Qt.Key.Key_C, both)
    assert QGuiApplication.clipboard().text() == "model.layers[0].inner"


def test_that_the_menu_moves_unfolds_filters_and_goes_to_the_first_name(view, qtbot):
    with qtbot.waitSignal(view.move_requested) as asked:
        act(view, "move", "layers.1")
    assert asked.args == ["layers.1"]
    act(view, "expand_below", "")
    assert len(shown(view)) == len(view.model.cells.structure)
    act(view, "collapse_below", "")
    assert shown(view) == ["", "tokens", "layers", "head", "frozen"]
    with qtbot.waitSignal(view.module_selected) as told:
        act(view, "go_to_first", "head.weight")
    assert told.args == ["tokens.weight", RowKind.PARAMETER]
    act(view, "filter_type", "tokens")
    assert shown(view) == ["", "tokens"]


def test_that_columns_fit_until_a_person_chooses_and_are_remembered(view, qtbot):
    header = view.tree.columns
    view.resize(460, 600)
    assert not header.isSectionHidden(Column.LIVE)
    assert header.isSectionHidden(Column.DTYPE)
    view.resize(1400, 600)
    assert not header.isSectionHidden(Column.DTYPE)
    view.resize(460, 600)
    header.show_column(Column.DTYPE, True)
    view.tree.sortByColumn(Column.BYTES, Qt.SortOrder.DescendingOrder)
    state = view.saveState()
    other = ModulesView()
    qtbot.addWidget(other)
    other.resize(1400, 600)
    other.set_model(opened(network()))
    assert other.restoreState(state)
    other.show()
    assert not other.tree.columns.isSectionHidden(Column.DTYPE)
    assert other.tree.columns.isSectionHidden(Column.CALLS)
    assert other.tree.columns.sortIndicatorSection() == Column.BYTES
    assert shown(other)[1] == "head"  # a buffer more than the embedding it shares its weight with
    assert not other.restoreState(b"nonsense")
    other.tree.columns.reset()
    assert not other.tree.columns.isSectionHidden(Column.CALLS)


def test_that_clicks_on_a_heading_go_down_up_and_back_to_the_definition(view, qtbot):
    header = view.tree.columns
    defined = shown(view)
    middle = QPoint(header.sectionViewportPosition(Column.PARAMETERS) + 20, 12)
    orders = []
    for _ in range(3):
        qtbot.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=middle)
        orders.append((header.sortIndicatorSection(), header.sortIndicatorOrder()))
    assert orders[0] == (Column.PARAMETERS, Qt.SortOrder.DescendingOrder)
    assert orders[1] == (Column.PARAMETERS, Qt.SortOrder.AscendingOrder)
    assert orders[2][0] == -1
    assert shown(view) == defined


def test_that_the_header_menu_chooses_columns_and_what_live_shows(view):
    menu = view.tree.columns.menu()
    titles = [action.text() for action in menu.actions()]
    assert "Name" not in titles
    assert {"Bytes", "Columns that fit", "Order of definition", "Live shows"} <= set(titles)
    live = next(action.menu() for action in menu.actions() if action.menu())
    live.actions()[1].trigger()
    assert view.tree.itemDelegate().quantity == 1
    menu.deleteLater()


# Looks


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_that_everything_is_painted_in_both_themes(view, qapp, theme):
    apply_theme(qapp, themes()[theme])
    view.set_theme(themes()[theme])
    view.set_run(run_result(run(nan=1)))
    for step in range(1, 5):
        view.add_frame(live_frame(run(nan=1), step))
    view.model.set_expanded_below(0, True)
    view.resize(1400, 700)
    image = view.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    colors = {image.pixelColor(x, y).name() for x in range(0, 1400, 2) for y in range(40, 500, 2)}
    assert themes()[theme].panel in colors
    assert len(colors) > 30


def test_that_what_can_be_focused_has_a_name(view):
    for widget in (view.tree, view.filter_line.field, view.filter_line._question):
        assert widget.accessibleName()


def test_that_an_empty_view_says_what_to_do(qtbot):
    view = ModulesView()
    qtbot.addWidget(view)
    assert "Open a Python file" in view._note.text
    view.set_run(run_result(run()))
    view.add_frame(live_frame(run(), 1))
    view.select("tokens")
    assert view.current() == ""
