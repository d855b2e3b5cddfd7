"""Reads all modules of shapes."""

import shapes_address  # noqa: F401
import shapes_cut  # noqa: F401
import shapes_delay  # noqa: F401
import shapes_idle  # noqa: F401
import shapes_machine  # noqa: F401
import shapes_self  # noqa: F401
import shapes_writes  # noqa: F401
