"""Makes the pictures of README.md: real answers to the samples, as a browser shows them.

python docs/images/make.py        (needs Chromium)
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
SAMPLES = HERE.parents[1] / "samples"
WIDTH, HEIGHT = 900, 815


def main() -> None:
    """Write `report.png`, the first screen of a page for IT."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        sys.exit("This needs Chromium.")
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "it.html"
        typed = [sys.executable, "-m", "netcheck", "pcap", "blocked_port.pcap", "--redact", "none"]
        fixed = os.environ | {"SOURCE_DATE_EPOCH": "1764421200"}
        subprocess.run(
            [*typed, "--report", str(page)], cwd=SAMPLES, env=fixed, stdout=subprocess.DEVNULL
        )
        headless = ["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"]
        size = [f"--window-size={WIDTH},{HEIGHT}", f"--user-data-dir={folder}/profile"]
        shot = f"--screenshot={HERE / 'report.png'}"
        subprocess.run([chromium, *headless, *size, shot, page.as_uri()], check=True)


if __name__ == "__main__":
    main()
