"""The filter line's language: `parse` reads it, `matches` finds the rows. Free of Qt."""

from inspector.ui.modules.filtering.language import FIELDS, Example
from inspector.ui.modules.filtering.matching import Matcher
from inspector.ui.modules.filtering.parsing import Misreading, parse
from inspector.ui.modules.filtering.terms import Query

__all__ = ["FIELDS", "Example", "Matcher", "Misreading", "Query", "parse"]
