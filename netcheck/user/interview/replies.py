"""Questions, what may be answered to them, and each answer as observations: the same that `--tell`
and `--led` make.
"""

from __future__ import annotations

from collections.abc import Iterable

from netcheck.model import Observation, Target
from netcheck.user import answers, led
from netcheck.vocabulary import is_of_light
from netcheck.vocabulary.questions import QUESTIONS, Form, Question, of_fact

LIGHT = "led"

EXAMPLES: dict[str, tuple[str, ...]] = {
    LIGHT: (
        "blinking blue",
        "slow green",
        "slow green, then fast green",
        "breathing green",
        "blinking green, slow cyan",
        "blinking green, fast cyan, 1 red",
        "blinking green, fast cyan, 1 orange",
        "blinking green, fast cyan, 1 magenta",
        "blinking green, blinking cyan, 2 orange",
        "blinking green, blinking cyan, 3 orange",
        "breathing cyan",
        "breathing cyan, then blinking green",
        "breathing white",
        "breathing magenta",
        "red SOS",
        "no light at all",
    ),
    "firmware": ("0.4.0", "0.5.3", "0.6.0", "0.7.0", "1.5.2", "2.3.1"),
    "works_on_firmware": ("0.5.3", "0.6.3", "1.5.2", "2.3.1"),
    "channel": ("6", "13"),
    "ssid": ("Home", "Anna’s iPhone", "Café"),
    "password_length": ("0", "5", "12", "64"),
    "addresses": (
        "ip=192.168.1.100 mask=255.255.255.0 gateway=192.168.1.1 dns=192.168.1.1",
        "ip=192.168.1.100 mask=255.255.255.0 gateway=192.168.11.1 dns=192.168.11.1",
        (
            "ip=192.168.1.100 mask=255.255.255.0 gateway=192.168.1.1 dns=0.0.0.0"
            " device.spark.io=0.0.0.0"
        ),
    ),
    "router_text": (
        "WPA2-PSK AES, 802.11b/g/n",
        "WPA3",
        "802.11w required",
        "WPA/WPA2 mixed, TKIP",
        "WEP",
        "802.11n only",
        "802.1X with RADIUS",
        "channel 13",
        "the name is hidden",
        "band steering",
        "5 GHz",
        "MAC filter",
        "login page",
        "a firewall blocks ports",
    ),
    "setup_step": (
        "sending the Wi-Fi data to the Photon",
        "connecting to the Wi-Fi network",
        "disconnecting from the Photon",
        "waiting for the cloud",
        "checking the internet",
        "verifying the ownership",
    ),
    "setup_tool": (
        "Android app",
        "setCredentials in the program",
        "the network Photon-ABCD",
        "the command under Windows",
    ),
    "setup_error": (
        "wrong password",
        "the app crashed",
        "no nearby Photons",
        "no networks",
        "too long",
        "already claimed",
        "error 1024",
    ),
    "cli_error": (
        "cannot open DFU device",
        "no serial ports found",
        "port is busy",
        "invalid_token",
        "openssl not found",
        "already claimed",
    ),
}
"""Of questions without a list of answers, some that are given: only to see what asking would be
worth.
"""


def known(observations: Iterable[Observation]) -> set[str]:
    """Keys of the questions that evidence answers already."""
    facts = {o.fact for o in observations}
    told_keys = {question.key for fact in facts if (question := of_fact(fact)) is not None}
    return told_keys | ({LIGHT} if any(is_of_light(fact) for fact in facts) else set())


def possible(question: Question) -> tuple[str, ...]:
    """The answers to choose from, or examples of them."""
    return question.values or EXAMPLES[question.key]


def observed(key: str, text: str, target: Target, at: float) -> list[Observation]:
    """One answer as observations. `at`: UTC seconds. Raises ToldError or LedError where it is
    none.
    """
    if key == LIGHT:
        return list(led.observations(led.read(text), target, at))
    return list(answers.observations([answers.parse(f"{key}={text}")], target, at))


def is_free(question: Question) -> bool:
    """Is it answered in free words, which cost most to give and say least? The light is the one
    that is always worth it.
    """
    return question.form is Form.TEXT and question.key != LIGHT


def questions() -> tuple[Question, ...]:
    """All that may be asked, the one that proved most telling first."""
    return tuple(QUESTIONS.values())
