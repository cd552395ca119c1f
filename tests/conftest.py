"""Settings for every test."""

from __future__ import annotations

import os

from hypothesis import settings

# The same examples in every run, and no limit on the time of one: what fails, fails each time and
# on every machine. NETCHECK_FUZZ=1 looks for new ones.
settings.register_profile("same", deadline=None, derandomize=True)
settings.register_profile("new", deadline=None, max_examples=1000)
settings.load_profile("new" if os.environ.get("NETCHECK_FUZZ") == "1" else "same")
