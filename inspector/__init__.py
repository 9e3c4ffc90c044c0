"""Inspector: see a PyTorch model, run it, and see how checkpoints differ.

The public functions are imported when first used, so that `import inspector` loads neither torch nor Qt.
"""

from __future__ import annotations

__version__ = "0.1.0"
