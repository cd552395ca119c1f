#!/usr/bin/env python3
"""How long and how much memory does a capture of Wi-Fi frames in a crowded place take?

Makes two of 300 MB (tests/helpers/wifi_crowd.py: 5,000 stations that fail to join, 400 access
points; a Photon that is well, and one with a wrong password), runs `netcheck pcap` on each, and
prints processor seconds, peak memory and how it ended, as JSON. Needs POSIX (os.wait4).
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from run import run

ROOT = Path(__file__).parent.parent
WANTED = {
    "well": (3, "NOT SURE: Too little was seen"),
    "wrong_password": (1, "FAULT: The Wi-Fi password"),
}
"""Exit code and first words of the answer: encrypted, a join is all that can be seen."""
GATE_RSS_MIB = 64


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=float, default=300)
    parser.add_argument("--gate", action="store_true", help="end with 1 when a gate is missed")
    options = parser.parse_args()
    rows, missed = [], []
    with tempfile.TemporaryDirectory() as directory:
        capture = Path(directory) / "crowd.pcap"
        for device, (code, words) in WANTED.items():
            make = [sys.executable, "-m", "tests.helpers.wifi_crowd", str(capture)]
            subprocess.run([*make, str(options.megabytes), device], check=True, cwd=ROOT)
            one = run([sys.executable, "-m", "netcheck", "pcap", str(capture)])
            is_right = one.exit_code == code and words in one.output.partition("\n")[0]
            missed += [] if is_right else [f"{device}: {one.output[:80]}"]
            missed += [f"{one.rss_mib:.0f} MiB"] if one.rss_mib > GATE_RSS_MIB else []
            rows.append(
                {
                    "photon": device,
                    "cpu_s": round(one.user_s + one.sys_s, 1),
                    "rss_mib": round(one.rss_mib),
                }
            )
    print(json.dumps({"rows": rows, "missed": missed}, indent=1))
    return 1 if options.gate and missed else 0


if __name__ == "__main__":
    sys.exit(main())
