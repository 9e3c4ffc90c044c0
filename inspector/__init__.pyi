from inspector.api import summary as summary
from inspector.api import trace as trace
from inspector.core.checkpoint import open_checkpoint as open_checkpoint
from inspector.records.problem import InspectorError as InspectorError

__version__: str
__all__ = ["InspectorError", "__version__", "open_checkpoint", "summary", "trace"]
