"""A computer on the LAN, a capture, and both together name the same cause, or one that the others
cannot tell from it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pytest

from tests.lab import requirements
from tests.lab.live_truth import SEEN_FROM_HERE
from tests.lab.namespace import sweep
from tests.lab.scenarios import SCENARIOS
from tests.lab.witnesses import Witnesses, call, disagreements, is_worse_together

# One worker runs them all: each worker that had a share would run everything.
pytestmark = [*requirements.pytestmark, pytest.mark.xdist_group("witnesses")]

HANDFUL = ("dns_nxdomain", "port_dropped", "port_reset", "cloud_host_dead")
HANDFUL_S = 20.0
"""Long enough for two tries of the device, and about as long as the laptop takes."""
_SINGLES = tuple(name for name in SCENARIOS if not name.startswith("pair_"))
IS_FULL = os.environ.get("NETCHECK_LAB") == "full"
CHOSEN = _SINGLES if IS_FULL else HANDFUL
JOBS = 8


@pytest.fixture(scope="module")
def called(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Future[Witnesses]]]:
    """All that were chosen, already running."""
    folder: Path = tmp_path_factory.mktemp("witnesses")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", requirements.PATH)
        sweep()
        with ProcessPoolExecutor(
            JOBS, mp_context=get_context("spawn"), max_tasks_per_child=1
        ) as pool:
            yield {
                name: pool.submit(call, name, folder, None if IS_FULL else HANDFUL_S)
                for name in CHOSEN
            }


@pytest.mark.parametrize("name", CHOSEN)
def test_each_witness_and_both_together_say_the_same(
    name: str, called: dict[str, Future[Witnesses]]
) -> None:
    assert not disagreements(name, called[name].result())


@pytest.mark.parametrize("name", CHOSEN)
def test_both_together_are_never_worse_than_the_better_of_the_two(
    name: str, called: dict[str, Future[Witnesses]]
) -> None:
    assert not is_worse_together(name, called[name].result())


@pytest.mark.parametrize("name", [name for name in CHOSEN if name in SEEN_FROM_HERE])
def test_the_witness_that_can_tell_look_alikes_apart_wins(
    name: str, called: dict[str, Future[Witnesses]]
) -> None:
    narrower = SEEN_FROM_HERE[name] & SCENARIOS[name].expected
    live, both = called[name].result().live, called[name].result().both

    assert live["findings"][0]["cause"] not in narrower or both["findings"][0]["cause"] in narrower
