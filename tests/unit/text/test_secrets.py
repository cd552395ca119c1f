"""No password, token, claim code, device secret or private key that a log or a person shows ever
comes out again.

Laws over random secrets in every place where they are typed or printed: no part of one stands in
any output, file or traceback.
"""

from __future__ import annotations

import io
import json
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from netcheck.app import commands
from netcheck.app.exits import Exit
from netcheck.device.log import progress
from netcheck.device.log.lines import plain
from netcheck.text.secrets import REMOVED, Scrubber, scrubbed
from tests.doubles import log_player

CORE = "Zq7vKx9W"
"""Stands in every secret and nowhere else: so even a part of one is found."""
ODD = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp")), max_size=24
)
QUOTED = st.text("\"'`\\ ,;:=(){}[]<>|%$#&x1", max_size=12)
secrets = st.builds(
    lambda before, after: f"{before}{CORE}{after}"[:63], ODD | QUOTED, ODD | QUOTED
).filter(lambda s: CORE in s and s.strip() == s)
digits = st.text(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/", min_size=55, max_size=55
)
codes = st.builds(lambda rest: (CORE + rest)[:63], digits)
tokens = st.builds(lambda rest: rest, st.text("0123456789abcdef", min_size=40, max_size=40))

HEAD = "0000012345 [system] INFO: "
SECURITY = "Security 0=unsecured, 1=WEP, 2=WPA, 3=WPA2: 3"
THANKS = "Thanks! Wait while I save those credentials..."


def _app(text: str) -> str:
    return f"0000023456 [app] INFO: {text}"


def _key(secret: str) -> list[str]:
    body = "".join(character for character in secret if character.isascii() and character.isalnum())
    return [
        "-----BEGIN RSA PRIVATE KEY-----",
        f"MIICXAIBAAKBgQ{body}",
        body,
        "-----END RSA PRIVATE KEY-----",
    ]


PLACES: dict[str, Callable[[str], list[str]]] = {
    "dialogue": lambda s: ["SSID: Lab Net", SECURITY, f"Password: {s}", THANKS],
    "typed below the prompt": lambda s: [SECURITY, "Password: ", s, THANKS],
    "a log breaks into the dialogue": lambda s: [
        f"Password: {s[: len(s) // 2]}{HEAD}Cloud: connecting",
        s[len(s) // 2 :],
        THANKS,
    ],
    "coloured": lambda s: [f"\x1b[32mPassword:\x1b[0m {s}"],
    "enterprise": lambda s: [
        "EAP Type 0=PEAP/MSCHAPv2, 1=EAP-TLS: 0",
        "Username: me",
        f"Password: {s}",
        "Outer identity (optional): ",
    ],
    "key": lambda s: [
        "Private key in PEM format:",
        *_key(s),
        "",
        "Root CA in PEM format (optional):",
        "",
    ],
    "key with indents": lambda s: [f"  {line}" for line in _key(s)],
    "key without its end": lambda s: [*_key(s)[:-1], f"{HEAD}Cloud: connecting"],
    "claim code": lambda s: [f"Enter 63-digit claim code: {s}", f"Claim code set to: {s}"],
    "claim event": lambda s: [f"{HEAD}Send spark/device/claim/code event: {s}"],
    "device secret": lambda s: [
        "Device ID: 4100cf3ce947353337353037",
        f"Device Secret: {s}",
        "Serial Number: P008",
    ],
    "printed by a program": lambda s: [
        _app(f"connecting with password ({s}) = {s}"),
        _app(f"pass = {s!r}"),
        f"WIFI_PASSWORD={s}",
    ],
    "call": lambda s: [_app(f'WiFi.setCredentials("Lab Net", "{s}")')],
    "json log": lambda s: [json.dumps({"l": "info", "m": f"password: {s}", "c": "app", "t": 1234})],
    "json value": lambda s: [
        json.dumps({"idx": 0, "ssid": "Lab", "pwd": s, "ch": 6}, ensure_ascii=False)
    ],
    "token": lambda s: [f"access_token: {s}", f"Authorization: Bearer {s}", _app(f"token={s}")],
    "in one's own words": lambda s: [
        f"WPA2 key is {s}",
        f"wi-fi key: {s}",
        f"pw: {s}",
        f"the password's {s}",
        f"WLAN-Schlüssel → {s}",
    ],
    "terminal's time": lambda s: [
        f"[12:34:56.789] Password: {s}",
        f"2021-03-04 12:34:56 >> psk: {s}",
    ],
}
dialogues = st.sampled_from(sorted(PLACES))


def transcript(places: list[str], secret: str) -> list[str]:
    """A log of a fault, with the secret shown at these places."""
    lines = log_player.log("1.5.2", "port_dropped")
    shown = [line for place in places for line in PLACES[place](secret)]
    return [*lines[:6], *shown, *lines[6:]]


# ------------------------------------------------------------------------------------- the scrubber


@example(places=["a log breaks into the dialogue"], secret="0000000Zq7vKx9W")
@given(places=st.lists(dialogues, min_size=1, max_size=4), secret=secrets)
def test_no_line_that_is_read_holds_a_part_of_a_secret(places: list[str], secret: str) -> None:
    scrubber = Scrubber()
    kept = [scrubber.line(plain(line)) for line in transcript(places, secret)]
    assert [line for line in kept if CORE in line] == []


@given(code=codes, before=QUOTED)
def test_a_claim_code_is_known_by_its_form(code: str, before: str) -> None:
    assert CORE not in scrubbed(f"{before} {code}")


def test_a_password_in_an_address_is_taken_out() -> None:
    assert CORE not in scrubbed(f"proxy http://me:{CORE}@proxy.lan:3128/ set")


@given(token=tokens)
def test_a_token_is_known_by_its_form(token: str) -> None:
    assert token not in scrubbed(f"got {token}.")


@pytest.mark.parametrize("fault", sorted(log_player.FAULTS))
@pytest.mark.parametrize("version", log_player.VERSIONS)
def test_a_log_without_secrets_stays_as_it_is(fault: str, version: str) -> None:
    scrubber = Scrubber()
    lines = log_player.log(version, fault, "TRACE")
    assert [scrubber.line(line) for line in lines] == lines


@given(st.text())
def test_scrubbing_twice_changes_nothing(text: str) -> None:
    once = scrubbed(text)
    assert scrubbed(once).replace(REMOVED, "") == once.replace(REMOVED, "")


# -------------------------------------------------------------------------------------- the command


@contextmanager
def caught() -> Iterator[io.BytesIO]:
    """All that the program prints."""
    out, err, printed = sys.stdout, sys.stderr, io.BytesIO()
    stream = io.TextIOWrapper(printed, encoding="utf-8", write_through=True)
    sys.stdout = sys.stderr = stream
    try:
        yield printed
    finally:
        sys.stdout, sys.stderr = out, err
        stream.detach()  # else it closes `printed` when it goes


def everything(folder: Path, *arguments: str) -> tuple[int, str]:
    """The exit code, and what was printed and written to files."""
    with caught() as printed, pytest.raises(SystemExit) as ended:
        commands.main(
            [
                *arguments,
                "--save",
                str(folder / "x.jsonl"),
                "--report",
                str(folder / "x.json"),
                "--redact",
                "none",
            ]
        )
    files = [file.read_text(encoding="utf-8") for file in sorted(folder.glob("x.json*"))]
    code = ended.value.code
    return (code if isinstance(code, int) else -1), "\n".join([printed.getvalue().decode(), *files])


def plain_of(text: str) -> str:
    """Also what JSON wrote with escapes."""
    return text.encode().decode("unicode_escape", "replace")


@pytest.mark.parametrize(
    "form",
    [(), ("--verbose",), ("--json",), ("--quiet",)],
    ids=lambda form: "".join(form) or "text",
)
@settings(max_examples=15, suppress_health_check=[HealthCheck.too_slow])
@given(places=st.lists(dialogues, min_size=1, max_size=4), secret=secrets, told=secrets)
def test_no_output_and_no_file_holds_a_part_of_a_secret(
    form: tuple[str, ...], places: list[str], secret: str, told: str
) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "device.log").write_bytes(log_player.written(transcript(places, secret)))
        says = f"setup_error=It said: password: {told}"
        code, shown = everything(
            folder, "case", "--log", str(folder / "device.log"), "--tell", says, *form
        )
    assert code == 1
    assert CORE not in shown and CORE not in plain_of(shown)


@settings(max_examples=25)
@given(place=dialogues, secret=secrets)
def test_no_traceback_holds_a_part_of_a_secret(place: str, secret: str) -> None:
    def crash(line: str) -> None:
        raise ValueError(f"our bug at {line}")

    with tempfile.TemporaryDirectory() as name, pytest.MonkeyPatch.context() as patch:
        folder = Path(name)
        (folder / "device.log").write_bytes(log_player.written(PLACES[place](secret)))
        for part in (lambda line: line, lambda line: repr(line)):
            patch.setattr(progress, "records", lambda line, part=part: crash(part(line)))
            code, shown = everything(
                folder, "case", "--log", str(folder / "device.log"), "--verbose"
            )
            assert (code, CORE in shown) == (Exit.OUR_BUG, False)


@pytest.mark.parametrize(
    "told", ["password {}", "hotspot=password: {}", "firmware=token: {}", "password={}", "{}"]
)
def test_no_refusal_of_what_was_told_repeats_a_secret(told: str, tmp_path: Path) -> None:
    code, shown = everything(tmp_path, "case", "--tell", told.format(f"my {CORE}"))
    assert (code, CORE in shown) == (Exit.UNUSABLE, False)


@pytest.mark.parametrize(
    "light",
    ["blinking green, wifi password is {}", "my password: {}", "slow green\npass = {}\nnever cyan"],
)
@pytest.mark.parametrize("option", ["--led", "--tell"])
def test_no_word_about_the_light_holds_a_secret(light: str, option: str, tmp_path: Path) -> None:
    secret = "correcthorse"
    text = light.format(secret)
    _, shown = everything(
        tmp_path, "case", option, text if option == "--led" else f"led={text}", "--verbose"
    )
    assert secret not in shown
