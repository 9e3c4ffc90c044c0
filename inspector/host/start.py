"""The first file of a model process: run by its path, with any interpreter, as `python start.py CONNECTION_FILE`.

Only our own package comes from where this file is: it is registered under its name, and its neighbours (our
site-packages) stay off the path, so that torch and numpy are those of the interpreter that runs this. Workers that
`multiprocessing` spawns run this file again as `__mp_main__`; they get the package too and start nothing.

The first lines must be understood by every Python, however old: no annotations, no f-strings, no newer modules.
"""

import os
import sys

if __name__ == "__main__" and sys.version_info < (3, 10):
    sys.stderr.write(
        "Inspector needs Python 3.10 or newer, and %s is Python %d.%d.\n"  # noqa: UP031
        % (sys.executable, sys.version_info[0], sys.version_info[1])
    )
    sys.exit(86)

if __name__ in ("__main__", "__mp_main__"):
    import importlib.util

    _here = os.path.dirname(os.path.abspath(__file__))  # noqa: PTH100, PTH120
    # Python puts a script's folder first: a person's `import jobs` would find ours.
    sys.path[:] = [entry for entry in sys.path if entry != _here]
    if "inspector" not in sys.modules:
        _package = os.path.dirname(_here)  # noqa: PTH120
        _spec = importlib.util.spec_from_file_location(
            "inspector",
            _package + "/__init__.py",
            submodule_search_locations=[_package],
        )
        assert _spec is not None
        assert _spec.loader is not None
        sys.modules["inspector"] = importlib.util.module_from_spec(_spec)
        _spec.loader.exec_module(sys.modules["inspector"])

if __name__ == "__main__":
    from inspector.host.process import run

    run(sys.argv[1])
