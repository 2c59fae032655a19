"""The compiled kernels, loaded when something is first computed.

Numba and the code it keeps take seconds of CPU to load: a command that imports a file or lists keys does not
wait for them.
"""

from functools import cache
from types import ModuleType


@cache
def session_kernels() -> ModuleType:
    """Return the loops of the session model."""
    from expedit.recommendation import kernels

    return kernels


@cache
def pair_kernels() -> ModuleType:
    """Return the loops over pairs of items."""
    from expedit.recommendation import pair_kernels as kernels

    return kernels
