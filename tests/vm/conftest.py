"""These tests are there only for who asks for them (NETCHECK_VM=1): they fetch a kernel of 70 MB
and emulate a processor.
"""

from __future__ import annotations

import os

collect_ignore_glob = [] if os.environ.get("NETCHECK_VM") == "1" else ["test_*.py"]
