"""What is saved loads back equal, and a hostile or broken file costs one sentence."""

from __future__ import annotations

import itertools
import os
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from netcheck import casefile
from netcheck.casefile import CaseError
from netcheck.model import Observation, Outcome, Stage, ordered
from netcheck.vocabulary import FACTS, REASONS
from tests.helpers.notation import case

OBSERVATIONS = case(
    """
    dev dhcp.lease  ok @1 +0.5 lease_s=3600 address=192.168.1.7
    dev tcp.cloud   failed timeout >device.spark.io:5683 @2 +5
    ctl tcp.cloud   ok @2.5
    net dhcp.servers ok @3 servers=1
    """
)

ADDRESS = st.sampled_from(("", "192.168.1.7", "2001:db8::1", "e0:4f:43:00:00:01"))
SCALAR = st.one_of(
    st.integers(-(2**53), 2**53),
    st.floats(-1e15, 1e15),
    st.booleans(),
)


def _stage(fact: str) -> Stage:
    return FACTS[fact].stage if fact in FACTS else Stage.GATEWAY


OBSERVATION = st.builds(
    lambda fact, **more: Observation(fact=fact, stage=_stage(fact), **more),
    fact=st.sampled_from([name for name in FACTS if not name.startswith("told.")] + ["acme.hub"]),
    outcome=st.sampled_from(Outcome),
    reason=st.sampled_from(sorted(REASONS)),
    subject=st.sampled_from(
        ("network", "nameless", "e0:4f:43:00:00:01", "6f00631a7f47343232363230")
    ),
    target=ADDRESS | st.sampled_from(("device.spark.io:5683", "ssid:Café \u202e 7", "ssid:")),
    source=st.sampled_from(("user", "device:log", "probe:nat/1", "capture:lobby é.pcap")),
    site=ADDRESS | st.just("Lab 2"),
    at=st.floats(0, 4e9),
    took_s=st.none() | st.floats(0, 1e6),
    data=st.lists(
        st.tuples(st.sampled_from(("rtt_ms", "tries", "status")), SCALAR)
        | st.tuples(st.just("address"), ADDRESS),
        max_size=3,
    ).map(tuple),
    ref=st.sampled_from(("", "lobby é.pcap#12,15-17", "a.log:3-4", "serial:vi", "told:led", "led")),
)


def kept(folder: Path, observations: list[Observation]) -> Path:
    path = folder / "case.jsonl"
    casefile.write(path, observations)
    return path


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(observations=st.lists(OBSERVATION, max_size=4))
def test_loads_back_equal(tmp_path: Path, observations: list[Observation]) -> None:
    saved = casefile.read(str(kept(tmp_path, observations)))
    assert list(saved.observations) == ordered(observations)
    assert saved.problems == ()


def test_each_line_is_printable_ascii(tmp_path: Path) -> None:
    hostile = Observation(
        stage=Stage.RADIO,
        fact="acme.b",
        outcome=Outcome.OK,
        subject="network",
        source="capture:x\x7f\x9b",
        target="ssid:\x1b[2J\u202e😀",
        at=1.0,
    )
    path = kept(tmp_path, [hostile])
    assert all(32 <= byte < 127 or byte == 10 for byte in path.read_bytes())
    assert casefile.read(str(path)).observations == (hostile,)


def test_a_lone_surrogate_is_written_as_its_escape(tmp_path: Path) -> None:
    odd = Observation(
        stage=Stage.TCP,
        fact="tcp.cloud",
        outcome=Outcome.OK,
        subject="network",
        source="capture:\udcff.pcap",
        at=1.0,
    )
    saved = casefile.read(str(kept(tmp_path, [odd])))
    assert saved.observations[0].source == "capture:\\udcff.pcap"


def test_merging_ignores_order_and_repetition() -> None:
    for parts in itertools.permutations(OBSERVATIONS):
        assert casefile.merge(parts[:2], parts[1:], parts) == ordered(OBSERVATIONS)


def test_a_broken_line_is_named_and_the_rest_used(tmp_path: Path) -> None:
    path = kept(tmp_path, OBSERVATIONS)
    lines = path.read_bytes().splitlines(keepends=True)
    lines[2] = b'{"stage":"cellar"}\n'
    path.write_bytes(b"".join(lines))
    saved = casefile.read(str(path))
    assert len(saved.observations) == len(OBSERVATIONS) - 1
    assert len(saved.problems) == 1
    assert saved.problems[0].startswith("case.jsonl: line 3 was not read (Invalid enum value - at")


def test_a_file_cut_anywhere_gives_what_was_whole(tmp_path: Path) -> None:
    path = kept(tmp_path, OBSERVATIONS)
    whole = path.read_bytes()
    start = whole.index(b"\n") + 1
    for end in range(start, len(whole)):
        path.write_bytes(whole[:end])
        saved = casefile.read(str(path))
        assert set(saved.observations) <= set(OBSERVATIONS)
        assert len(saved.observations) + len(saved.problems) == len(whole[start:end].splitlines())


def test_an_overlong_line_is_refused_and_the_next_one_read(tmp_path: Path) -> None:
    path = kept(tmp_path, OBSERVATIONS[:1])
    header, good = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(header + b'{"stage":"' + b"x" * 3 * casefile.LINE_BYTES + b'"}\n' + good)
    saved = casefile.read(str(path))
    assert saved.observations == tuple(OBSERVATIONS[:1])
    assert saved.problems == ("case.jsonl: line 2 was not read (longer than 64 KiB).",)


def test_many_broken_lines_are_counted(tmp_path: Path) -> None:
    path = kept(tmp_path, [])
    path.write_bytes(path.read_bytes() + b"nonsense\n" * 500)
    problems = casefile.read(str(path)).problems
    assert len(problems) == casefile.PROBLEMS_NAMED + 1
    assert problems[-1] == "case.jsonl: 490 further lines were not read."


def test_what_lies_beyond_the_bound_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = kept(tmp_path, OBSERVATIONS)
    monkeypatch.setattr(casefile, "FILE_BYTES", 10)
    saved = casefile.read(str(path))
    assert len(saved.observations) == 1
    assert saved.problems == ("case.jsonl: what lies beyond 0 MiB was not read.",)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is no netcheck case file"),
        (b"hello\n", "is no netcheck case file"),
        (b"\xff\xfe\x00", "is no netcheck case file"),
        (b"\x00" * 200_000, "is no netcheck case file"),
        (b"[]\n", "is no netcheck case file"),
        (b'{"schema":"netcheck/1"}\n', "has schema netcheck/1"),
        (b'{"schema":"\\u001b[2J"}\n', "has schema of another kind"),
    ],
)
def test_what_is_no_case_file_is_said_in_one_sentence(
    tmp_path: Path, content: bytes, says: str
) -> None:
    path = tmp_path / "odd.jsonl"
    path.write_bytes(content)
    with pytest.raises(CaseError, match=r"^odd\.jsonl: [^\n]*\.$") as refusal:
        casefile.read(str(path))
    assert says in str(refusal.value)


@pytest.mark.parametrize("name", ["", "missing.jsonl", "nul\0byte"])
def test_what_cannot_be_opened_is_named(tmp_path: Path, name: str) -> None:
    with pytest.raises(CaseError, match="cannot be read"):
        casefile.read(str(tmp_path / name))


def test_standard_input_is_a_dash(tmp_path: Path) -> None:
    path = kept(tmp_path, OBSERVATIONS)
    kept_stdin = os.dup(0)
    try:
        with path.open("rb") as stream:
            os.dup2(stream.fileno(), 0)
            assert list(casefile.read("-").observations) == ordered(OBSERVATIONS)
    finally:
        os.dup2(kept_stdin, 0)
        os.close(kept_stdin)


def test_writing_leaves_no_half_file(tmp_path: Path) -> None:
    path = kept(tmp_path, OBSERVATIONS)
    before = path.read_bytes()

    def breaks() -> list[Observation]:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        casefile.write(path, (one for _ in range(1) for one in breaks()))
    assert path.read_bytes() == before
    assert [entry.name for entry in tmp_path.iterdir()] == ["case.jsonl"]


def test_a_pipe_is_written_to_and_stays_a_pipe(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        casefile.write(pipe, OBSERVATIONS)
        assert os.read(reader, 100_000) == b"".join(casefile.lines(OBSERVATIONS))
    finally:
        os.close(reader)
    assert pipe.is_fifo()


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(tmp_path / "case.jsonl")
    casefile.write(link, OBSERVATIONS)
    assert link.is_symlink()
    assert list(casefile.read(str(tmp_path / "case.jsonl")).observations) == ordered(OBSERVATIONS)


OUT_OF_RANGE = {
    '"fact":"dns.such"': "`fact` is none that is known",
    '"stage":"dns"': "`stage` is not the one of its fact",
    '"at":-1': "`at` is no time since 1970",
    '"at":1e300': "`at` is no time since 1970",
    '"took_s":-1': "`took_s` is out of range",
    '"subject":" "': "`subject` is empty",
    '"reason":"a b"': "`reason` is no word",
    f'"ref":"{"x" * 3000}"': "`ref` is longer than 2048 characters",
    '"data":[["router"," "]]': "`router` is out of range",
    '"data":[["rtt_ms","soon"]]': "`rtt_ms` is out of range",
    '"data":[["rtt_ms",1e300]]': "`rtt_ms` is out of range",
    '"data":[["",1]]': "`data` has a value without a name",
    '"data":[' + ",".join(['["a",1]'] * 65) + "]": "`data` has more than 64 values",
    '"x":' + "[" * 20_000 + "]" * 20_000: "too deeply nested",
}


@pytest.mark.parametrize("field", OUT_OF_RANGE, ids=lambda field: field[:20])
def test_a_field_out_of_range_costs_its_line(tmp_path: Path, field: str) -> None:
    path = kept(tmp_path, OBSERVATIONS)
    row = {
        "stage": '"tcp"',
        "fact": '"tcp.cloud"',
        "outcome": '"failed"',
        "reason": '"timeout"',
        "subject": '"dev"',
        "source": '"s"',
        "at": "5",
    }
    name, _, value = field.partition(":")
    row[name.strip('"')] = value
    line = "{" + ",".join(f'"{key}":{text}' for key, text in row.items()) + "}"
    with path.open("a") as out:
        out.write(line + "\n")
    saved = casefile.read(str(path))
    number = len(OBSERVATIONS) + 2
    assert list(saved.observations) == ordered(OBSERVATIONS)
    assert saved.problems == (f"case.jsonl: line {number} was not read ({OUT_OF_RANGE[field]}).",)


def test_a_number_beyond_all_bounds_costs_its_line(tmp_path: Path) -> None:
    path = kept(tmp_path, OBSERVATIONS)
    line = path.read_text().splitlines()[1].replace('"lease_s",3600', f'"lease_s",{"9" * 400}')
    assert "9" * 400 in line
    path.write_text(path.read_text() + line + "\n")
    saved = casefile.read(str(path))
    assert list(saved.observations) == ordered(OBSERVATIONS)
    assert [problem.split(": ", 1)[1] for problem in saved.problems] == [
        "line 6 was not read (a value of `data` is out of range)."
    ]


def test_what_is_written_has_a_known_form_whoever_saw_it(tmp_path: Path) -> None:
    [one, *_] = OBSERVATIONS
    free = [("status", "my password 12"), ("address", "10.0.0.1"), ("own_words", "x y 12")]
    changed = [
        msgspec.structs.replace(one, target="my password 12", data=tuple(free)),
        msgspec.structs.replace(one, subject="my password 12"),
        msgspec.structs.replace(one, took_s=float("nan")),
        msgspec.structs.replace(one, data=(("address", "x" * 9000),)),
    ]
    saved = casefile.read(str(kept(tmp_path, changed)))
    assert saved.problems == ()
    assert [(o.target, o.data) for o in saved.observations] == [("", (("address", "10.0.0.1"),))]
