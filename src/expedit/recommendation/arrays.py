"""The types of the model's flat arrays, and the length of a session in them."""

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int32]
Longs = NDArray[np.int64]
Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]

MAX_SESSION = 50
"""Longest neighbor session kept: of a longer one (mostly robots) the last clicks."""
