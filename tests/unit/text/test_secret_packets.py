"""No secret in a packet comes out again, wherever it stands: not of a capture that is explained,
and not of a recording.
"""

from __future__ import annotations

import json
import re
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from netcheck.capture.files import interfaces
from netcheck.model import Target
from netcheck.recording.pcapng.writer import Writer
from netcheck.recording.trim import Trim
from tests.helpers.capture_files import block, interface, option, packet, pcap, section
from tests.helpers.secret_doors import caught, ran
from tests.helpers.secret_forms import CORE, leaked
from tests.helpers.secret_packets import PLACES, Frames, capture_of

pytestmark = pytest.mark.slow


SECRETS = (CORE, f'my {CORE} dog\'s "x"', f"süß {CORE} 密", f"{CORE}=1;2 / 3")
HOST_NAMES = ("first label", "second label", "last label", "name at home")
"""A label of letters, digits and signs of host names is a name that was asked for, and is told."""
PLAIN_LABEL = re.compile(r"[\w-]*", re.ASCII)

around = st.binary(max_size=10) | st.text(max_size=10).map(lambda text: text.encode("utf-8"))


def explained(link: int, frames: Frames, folder: Path) -> str:
    """All that is said of a capture, on the screen and in files."""
    file = folder / "a.pcap"
    file.write_bytes(pcap(frames, magic=0xA1B23C4D, link=link))
    return ran(folder, "pcap", str(file))


def recorded(link: int, frames: Frames, folder: Path) -> str:
    """All that a recording of these frames holds, and what is said of it."""
    file = folder / "b.pcapng"
    file.unlink(missing_ok=True)
    trim = Trim(Target().cloud_host, Target().cloud_port)
    with Writer(str(file), link, "eth0", frames[0][0]) as writer:
        for at_ns, frame in frames:
            if (kept := trim.kept(link, frame)) is not None:
                writer.add(at_ns, kept, len(frame))
        writer.tell(frames[-1][0], len(frames), 0)
    return file.read_bytes().replace(b"\\", b"/").decode("latin-1") + ran(folder, "pcap", str(file))


def is_told(place: str, secret: bytes) -> bool:
    """Is it a plain name there?"""
    text = secret[:63].decode("latin-1")
    return place in HOST_NAMES and PLAIN_LABEL.fullmatch(text) is not None


@pytest.mark.parametrize("place", PLACES)
def test_a_secret_in_a_packet_comes_out_nowhere(place: str, tmp_path: Path) -> None:
    for secret in SECRETS:
        if not is_told(place, secret.encode()):
            link, frames = capture_of(place, secret.encode())
            assert any(CORE.encode() in frame for _, frame in frames)
            assert leaked(explained(link, frames, tmp_path)) == []
            assert leaked(recorded(link, frames, tmp_path)) == []


@pytest.mark.parametrize("form", ["", "--quiet", "--json"])
def test_nor_does_it_in_any_form_of_the_answer(form: str, tmp_path: Path) -> None:
    from netcheck.app import commands

    for place in PLACES:
        link, frames = capture_of(place, SECRETS[1].encode())
        file = tmp_path / "a.pcap"
        file.write_bytes(pcap(frames, magic=0xA1B23C4D, link=link))
        with caught() as printed, pytest.raises(SystemExit):
            commands.main(["pcap", str(file), *([form] if form else [])])
        assert leaked(printed.getvalue().decode()) == [], place


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(place=st.sampled_from(PLACES), before=around, after=around)
def test_random_secrets_come_out_nowhere(place: str, before: bytes, after: bytes) -> None:
    secret = before + CORE.encode() + after
    if is_told(place, secret):
        return
    link, frames = capture_of(place, secret)
    with tempfile.TemporaryDirectory() as folder:
        shown = explained(link, frames, Path(folder)) + recorded(link, frames, Path(folder))
    assert leaked(shown) == []


def test_comments_and_names_in_a_capture_file_come_out_nowhere(tmp_path: Path) -> None:
    _, frames = capture_of("ping", b"")
    for secret in SECRETS:
        text = secret.encode()
        comment = option(interfaces.OPT_COMMENT, text)
        file = tmp_path / "a.pcapng"
        file.write_bytes(
            section()
            + interface(options=option(2, text) + option(3, text) + comment)
            + block(4, b"\1\0" + len(text).to_bytes(2, "little") + text + bytes(-len(text) % 4))
            + b"".join(packet(at_ns // 1000, frame, options=comment) for at_ns, frame in frames)
            + block(0x0BAD, text + bytes(-len(text) % 4))
        )
        assert leaked(ran(tmp_path, "pcap", str(file))) == []


def test_the_places_are_many_and_each_is_a_real_one(tmp_path: Path) -> None:
    """Beside the secret the device's way to the cloud is read."""
    assert len(PLACES) >= 70
    shown = explained(*capture_of("cookie", CORE.encode()), tmp_path)
    assert json.loads((tmp_path / "report.json").read_text())["diagnoses"][0]["device"]["mac"]
    assert "session" in shown
