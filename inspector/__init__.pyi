from inspector.api import summary as summary
from inspector.api import trace as trace
from inspector.records.problem import InspectorError as InspectorError

__version__: str
__all__ = ["InspectorError", "__version__", "summary", "trace"]
