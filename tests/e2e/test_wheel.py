"""What a stranger gets: the wheel, in an environment of its own, outside the tree."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

TOP = Path(__file__).resolve().parents[2]
SHIPPED = ("netcheck", "probes", "setup.cfg", "pyproject.toml", "README.md", "LICENSE")
DATA = {
    "netcheck/netcheck-1.schema.json",
    "netcheck/py.typed",
    "netcheck/capture/protocols/cloud-public-key.pem",
    "netcheck/correlator/causes.toml",
}
pytestmark = pytest.mark.xdist_group("wheel")  # one worker, so that it is built once

WITHIN_S = 600  # the packages it needs may have to be fetched


def called(*command: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=WITHIN_S,
        check=False,
    )


def succeeded(*command: str | Path, cwd: Path) -> str:
    ended = called(*command, cwd=cwd)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout


def copied(folder: Path, to: Path) -> None:
    shutil.copytree(folder, to, ignore=shutil.ignore_patterns("__pycache__", "*.egg-info", "build"))


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder outside the tree, its name with a space, with a virtual environment, `venv`: the
    wheel and what it requires.
    """
    folder = tmp_path_factory.mktemp("else where")
    # Built from a copy: setuptools leaves its build folder in the tree it builds.
    source = folder / "source"
    source.mkdir()
    for name in SHIPPED:
        if (TOP / name).is_dir():
            copied(TOP / name, source / name)
        else:
            shutil.copy(TOP / name, source / name)
    succeeded(
        sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "-w", folder, source, cwd=folder
    )
    succeeded(sys.executable, "-m", "venv", folder / "venv", cwd=folder)
    (wheel,) = folder.glob("photon_netcheck-*.whl")
    succeeded(folder / "venv" / "bin" / "pip", "install", "-q", wheel, cwd=folder)
    shutil.rmtree(source)
    return folder


def test_the_package_comes_from_the_wheel(elsewhere: Path) -> None:
    where = succeeded(
        elsewhere / "venv/bin/python",
        "-c",
        "import netcheck.probes; print(netcheck.probes.__file__)",
        cwd=elsewhere,
    )
    assert where.startswith(str(elsewhere))


def test_every_module_and_data_file_is_in_the_wheel(elsewhere: Path) -> None:
    (wheel,) = elsewhere.glob("photon_netcheck-*.whl")
    held = set(zipfile.ZipFile(wheel).namelist())
    modules = {str(path.relative_to(TOP)) for path in (TOP / "netcheck").rglob("*.py")}
    probes = {f"netcheck/{path.relative_to(TOP)}" for path in (TOP / "probes").glob("*.py")}
    assert held >= DATA | modules | probes
    assert not [name for name in held if not name.startswith(("netcheck/", "photon_netcheck-"))]


def test_the_catalogue_and_the_probes_come_with_it(elsewhere: Path) -> None:
    assert "cloud_port_blocked" in succeeded(
        elsewhere / "venv/bin/netcheck", "causes", cwd=elsewhere
    )
    probes = json.loads(
        succeeded(elsewhere / "venv/bin/netcheck", "probes", "--json", cwd=elsewhere)
    )["probes"]
    assert {"gateway", "cloud_name", "cloud_port"} <= {probe["name"] for probe in probes}


def test_the_schema_comes_with_it(elsewhere: Path) -> None:
    program = (
        "from importlib.resources import files;"
        " print(files('netcheck').joinpath('netcheck-1.schema.json').read_text())"
    )
    assert json.loads(succeeded(elsewhere / "venv/bin/python", "-c", program, cwd=elsewhere))[
        "$defs"
    ]


def test_a_capture_is_explained(elsewhere: Path) -> None:
    ended = called(
        elsewhere / "venv/bin/netcheck",
        "pcap",
        TOP / "tests/captures/healthy_boot.pcap",
        "--json",
        cwd=elsewhere,
    )
    assert ended.returncode == 0, ended.stderr
    assert json.loads(ended.stdout)["diagnoses"][0]["verdict"] == "healthy"


def test_a_probe_from_outside_is_found_beside_ours(elsewhere: Path) -> None:
    copied(TOP / "samples" / "example_probe", elsewhere / "example_probe")
    succeeded(
        elsewhere / "venv/bin/pip",
        "install",
        "-q",
        "--no-deps",
        elsewhere / "example_probe",
        cwd=elsewhere,
    )
    netcheck = elsewhere / "venv/bin/netcheck"
    probes = json.loads(succeeded(netcheck, "probes", "--json", cwd=elsewhere))["probes"]
    assert {"gateway", "gateway_web"} <= {probe["name"] for probe in probes}
    plan = json.loads(
        succeeded(netcheck, "--only", "gateway_web", "--plan", "--json", cwd=elsewhere)
    )
    assert plan["sends"] == [{"kind": "tcp_connection", "to": "the gateway, port 80", "at_most": 1}]
    page = succeeded(netcheck, "causes", "example_gateway_web_closed", cwd=elsewhere)
    assert "The router shows no page with its settings" in page
