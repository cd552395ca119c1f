"""These tests are there only for who asks for them (NETCHECK_WIFILAB=full): they fetch a kernel of
70 MB, emulate a processor and last as long as what they record, about half an hour.
"""

from __future__ import annotations

import os

collect_ignore_glob = [] if os.environ.get("NETCHECK_WIFILAB") == "full" else ["test_*.py"]
