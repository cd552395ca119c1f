"""Ctrl-C at any time: what was seen until then is judged, printed and saved, marked partial; a
second one ends at once.
"""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from netcheck import casefile
from tests.helpers.packages import declared
from tests.lab import requirements
from tests.lab.judge import SURE, standing
from tests.lab.network import Network
from tests.lab.scenarios import SCENARIOS

# One worker runs them all: each worker that had a share would start the networks of all.
pytestmark = [*requirements.pytestmark, pytest.mark.xdist_group("interrupt")]

RUNGS = ("power", "address", "gateway", "dns", "internet", "tcp")
LIMIT_S = 10
MOST_S = 60
"""A run that never says what it asks is ended then: the test fails, and does not hang."""
LOOKUPS_ENDED = "internet: Have the lookups ended?"
PLUG_IN = """
from netcheck.model import Stage
from netcheck.probing import probe

@probe(stage=Stage.INTERNET, settles={"interrupt.asks"}, only_if_failed={"dns.compare"})
def asks(target, net):
    \"""Have the lookups ended?\"""
    net.sleep(5)
    return []
"""
"""A probe that is asked only where it was seen that other resolvers know the name: what the lookups
show is there by then.
"""
SILENT_PORT = 3128
"""Of a proxy on the router. The probe that asks the one that a computer is told to use holds the
rung until it gives up, and what the lookups showed by then decides who is asked next.
"""


@pytest.fixture(scope="module")
def denied() -> Iterator[Network]:
    """A network whose resolver denies the cloud's name, and nothing else is wrong."""
    plan = SCENARIOS["dns_nxdomain"].plan.with_rules("input", f"tcp dport {SILENT_PORT} drop")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", requirements.PATH)
        with Network("dns_nxdomain", plan) as network:
            yield network


@pytest.fixture
def denied_and_told(denied: Network, tmp_path: Path) -> Iterator[Network]:
    """The same, where a probe begins once the lookups have ended."""
    folder = tmp_path / "package"
    declared(folder, "interrupting", netcheck__probes={"asks": "interrupting:asks"})
    (folder / "interrupting.py").write_text(PLUG_IN)
    environment = denied.namespace("laptop").environment
    told = {
        "PYTHONPATH": str(folder),
        "http_proxy": f"http://{denied.plan.gateway}:{SILENT_PORT}/",
    }
    environment |= told
    yield denied
    for name in told:
        del environment[name]


@contextmanager
def begun(
    network: Network, *says: str, options: Sequence[str]
) -> Iterator[subprocess.Popen[bytes]]:
    """`netcheck` on the laptop, as soon as it said on its terminal lines that begin so, in that
    order.
    """
    terminal, its_end = pty.openpty()
    # A terminal that can draw nothing anew gets a line for each question.
    command = network.namespace("laptop").command(
        "env", "TERM=dumb", sys.executable, "-m", "netcheck", *options
    )
    with (
        os.fdopen(terminal) as said,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=its_end) as process,
    ):
        os.close(its_end)
        too_late = threading.Timer(MOST_S, process.kill)
        too_late.start()
        try:
            for start in says:
                assert any(line.startswith(start) for line in said), start
            yield process
        finally:
            too_late.cancel()


def ended(process: subprocess.Popen[bytes]) -> tuple[int, str]:
    """Its exit code and what it printed."""
    out, _ = process.communicate(timeout=LIMIT_S)
    return process.returncode, out.decode()


@pytest.mark.parametrize("rung", RUNGS)
def test_what_was_seen_until_then_is_judged_and_saved(
    denied: Network, rung: str, tmp_path: Path
) -> None:
    saved = tmp_path / "case.jsonl"
    options = ("--json", "--save", str(saved))
    with begun(denied, f"{rung}: ", options=options) as process:
        process.send_signal(signal.SIGINT)
        code, out = ended(process)
    document = json.loads(out)

    assert document["partial"] is True
    assert "interrupted" in {one.get("reason") for one in document["observations"]}
    assert len(casefile.read(str(saved)).observations) == len(document["observations"])
    # The lookups go on beside the next rung: until they end nothing is sure.
    assert code in (1, 3)
    assert document["diagnoses"][0]["verdict"] != "healthy"


@pytest.mark.parametrize("later", [(), ("tcp: ",)], ids=["internet", "tcp"])
def test_what_the_lookups_showed_counts(denied_and_told: Network, later: Sequence[str]) -> None:
    with begun(denied_and_told, LOOKUPS_ENDED, *later, options=("--json",)) as process:
        process.send_signal(signal.SIGINT)
        code, out = ended(process)
    document = json.loads(out)

    assert document["partial"] is True
    assert standing(document["diagnoses"][0], SURE)[:1] == ["dns_name_blocked"]
    assert code == 1


def test_what_was_not_answered_and_what_was_sent_is_named(denied: Network) -> None:
    with begun(denied, "dns: ", options=("--json",)) as process:
        process.send_signal(signal.SIGINT)
        _, out = ended(process)
    document = json.loads(out)

    assert {"tcp.cloud", "handshake.nonce", "internet.redirect"} <= {
        one["fact"] for one in document["diagnoses"][0]["not_tested"]
    }
    assert "1 ping" in document["sent"]
    assert "DHCP DISCOVER" in document["sent"]


def test_a_person_reads_that_it_is_partial(denied: Network) -> None:
    with begun(denied, "gateway: ", options=()) as process:
        process.send_signal(signal.SIGINT)
        _, out = ended(process)

    assert "Partial interrupted, so only what was seen until then is judged." in " ".join(
        out.split()
    )


def test_all_evidence_says_what_was_not_asked_since_it_was_ended(denied: Network) -> None:
    with begun(denied, "gateway: ", options=("--verbose",)) as process:
        process.send_signal(signal.SIGINT)
        _, out = ended(process)

    assert "you ended the run before this was asked" in " ".join(out.split())


def test_a_second_one_ends_at_once(denied: Network) -> None:
    with begun(denied, "dns: ", options=("--json",)) as process:
        while process.poll() is None:
            process.send_signal(signal.SIGINT)
            time.sleep(0.01)
        code, out = ended(process)

    assert (code, out) == (130, "")
