"""The two shapes in which training holds pictures."""

import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]
"""(H, W, 3), R, G, B, display-referred, 0..255: as files hold them."""
Image = NDArray[np.float32]
"""(C, H, W), the values of a network: C and the encoding are the task's."""
