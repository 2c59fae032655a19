"""Node as the front end is built with it: the system's, or the one from PyPI."""

import importlib.util
import os
from pathlib import Path

_TOOL = Path(__file__).parents[2] / "tools" / "build_frontend.py"


def node_environment() -> dict[str, str]:
    """Return the environment in which ``node`` is found."""
    spec = importlib.util.spec_from_file_location("build_frontend", _TOOL)
    assert spec is not None and spec.loader is not None
    frontend = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(frontend)
    return os.environ | {"PATH": frontend.find_node().path}
