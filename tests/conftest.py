"""Settings for every test."""

from __future__ import annotations

import os
import signal

from hypothesis import settings

# The same examples in every run, and no limit on the time of one: what fails, fails each time and
# on every machine. NETCHECK_FUZZ=1 looks for new ones.
settings.register_profile("same", deadline=None, derandomize=True)
settings.register_profile("new", deadline=None, max_examples=1000)
settings.load_profile("new" if os.environ.get("NETCHECK_FUZZ") == "1" else "same")

# A shell starts what runs in the background with Ctrl-C ignored, and every process started from
# there inherits it: tests of Ctrl-C would wait for ever.
if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
