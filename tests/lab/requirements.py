"""What the tests of the lab need: Linux, root, network namespaces and some programs."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import pytest

from tests.lab.network import TOOLS

PATH = os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin", "/sbin"))


def _missing() -> str:
    """Why the lab cannot run here, or an empty string."""
    if not sys.platform.startswith("linux"):
        return "the lab needs Linux with network namespaces"
    if os.geteuid():
        return "the lab needs root, for network namespaces"
    absent = [tool for tool in TOOLS if not shutil.which(tool, path=PATH)]
    if absent:
        return f"the lab needs these programs: {' '.join(absent)}"
    return "" if Path("/dev/net/tun").exists() else "the lab needs /dev/net/tun"


pytestmark = [
    pytest.mark.lab,
    pytest.mark.skipif(bool(_missing()), reason=_missing() or "the lab can run"),
]
