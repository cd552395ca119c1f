"""The HTML reports as a browser shows them: nothing for axe-core to complain of, no word on the
console, no scrolling sideways on a phone, three printed pages at most.

Needs Chromium, and npm for axe-core; skipped with a reason elsewhere.
"""

from __future__ import annotations

import html
import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.helpers.places import SAMPLES
from tests.helpers.typed import netcheck

pytestmark = pytest.mark.slow

AXE = "axe-core@4.10.3"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
PHONE_PX, MOST_PAGES, WITHIN_S = 360, 3, 180
REPORTS = {
    "blocked port": ["pcap", "blocked_port.pcap"],
    "wrong keys": ["pcap", "wrong_keys.pcap"],
    "no address": ["pcap", "no_address.pcap"],
    "idle": ["pcap", "forgotten_connection.pcap"],
    "login page": ["pcap", "login_page.pcap"],
    "password": ["pcap", "wrong_password.pcap"],
    "5 GHz": ["pcap", "only_5ghz.pcap"],
    "proxy": ["pcap", "silent_proxy.pcap"],
    "healthy": ["pcap", "healthy.pcap"],
    "light": ["case", "--led", "blinking green"],
    "side by side": ["compare", "healthy.pcap", "blocked_port.pcap"],
}
_PROBE = """
const frame = document.createElement("iframe");
frame.width = %d; frame.style.border = 0; frame.srcdoc = %s;
frame.onload = async () => {
  const page = frame.contentDocument.documentElement;
  const found = await axe.run(document.querySelector("main"));
  const out = document.createElement("pre");
  out.id = "netcheck-found";
  out.textContent = JSON.stringify({
    violations: found.violations.map(one => one.id + " " + one.nodes[0].target),
    passes: found.passes.length, wide: page.scrollWidth - page.clientWidth});
  document.body.append(out);
};
document.body.append(frame);
"""


@pytest.fixture(scope="session")
def axe(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The source of axe-core."""
    if CHROMIUM is None or shutil.which("npm") is None:
        pytest.skip("needs Chromium and npm (for axe-core): reports are not looked at in a browser")
    place = tmp_path_factory.mktemp("axe")
    typed = ["npm", "install", "--silent", "--prefer-offline", "--prefix", str(place), AXE]
    if subprocess.run(typed, capture_output=True, timeout=WITHIN_S, check=False).returncode:
        pytest.skip(f"needs {AXE} from npm: reports are not looked at in a browser")
    return (place / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")


def chromium(place: Path, *typed: str) -> subprocess.CompletedProcess[str]:
    usual = ["--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={place}/profile"]
    return subprocess.run(
        [CHROMIUM or "", *usual, "--enable-logging=stderr", *typed],
        capture_output=True,
        text=True,
        timeout=WITHIN_S,
        check=False,
    )


def written(name: str, tmp_path: Path) -> Path:
    report = tmp_path / "report.html"
    ended = netcheck(*REPORTS[name], "--report", str(report), cwd=SAMPLES)
    assert ended.stderr == ""
    return report


def looked_at(report: Path, axe: str, *typed: str) -> dict[str, object]:
    """What axe-core says, and by how many pixels the page is too wide for a phone."""
    plain = report.read_text(encoding="utf-8")
    # The page allows no script: it is looked at without that rule.
    allowed = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", plain)
    probe = _PROBE % (PHONE_PX, json.dumps(allowed).replace("</", "<\\/"))
    scripts = "".join(f"<script>{one}</script>" for one in (axe, probe))
    page = report.with_name("looked_at.html")
    page.write_text(allowed.replace("</body>", f"{scripts}</body>"), encoding="utf-8")
    budget = "--virtual-time-budget=20000"
    ended = chromium(report.parent, budget, "--dump-dom", *typed, page.as_uri())
    found = re.search(r'<pre id="netcheck-found">(.*?)</pre>', ended.stdout, re.DOTALL)
    assert found, ended.stderr
    seen: dict[str, object] = json.loads(html.unescape(found[1]))
    return seen


@pytest.mark.parametrize("name", REPORTS)
def test_a_report_in_a_browser(name: str, tmp_path: Path, axe: str) -> None:
    report = written(name, tmp_path)
    printed = tmp_path / "printed.pdf"
    ended = chromium(
        tmp_path, "--no-pdf-header-footer", f"--print-to-pdf={printed}", report.as_uri()
    )
    assert "CONSOLE" not in ended.stderr
    pages = len(re.findall(rb"/Type\s*/Page\b(?!s)", printed.read_bytes()))
    assert 1 <= pages <= MOST_PAGES
    found = looked_at(report, axe)
    assert found["violations"] == []
    assert int(str(found["passes"])) > 10
    assert found["wide"] == 0


def test_a_report_in_the_dark(tmp_path: Path, axe: str) -> None:
    report = written("blocked port", tmp_path)
    found = looked_at(report, axe, "--blink-settings=preferredColorScheme=0")
    assert found["violations"] == []
