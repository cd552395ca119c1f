"""What a person can be asked or may tell unasked: the closed list of keys, their values, and the
words of each question.

Public as `--tell KEY=VALUE`: keys and values are added to, never renamed. What is told becomes the
fact `told.KEY`.
"""

from __future__ import annotations

from enum import StrEnum

from netcheck.model import Stage, Struct

PREFIX = "told."
"""Before the key, in the name of the fact."""


class Form(StrEnum):
    """What an answer may look like. Free text is searched for known words and never decides
    alone.
    """

    CHOICE = "choice"
    NUMBER = "number"
    VERSION = "version"
    TEXT = "text"


class Question(Struct, frozen=True, kw_only=True):
    """One question. `choices`: value → what it means, in words; empty for other forms.

    `symptoms` are values that say that something does not work ("*": any). `repeats`: several
    answers may hold at once.
    """

    key: str
    stage: Stage
    ask: str
    form: Form = Form.CHOICE
    choices: tuple[tuple[str, str], ...] = ()
    symptoms: frozenset[str] = frozenset()
    repeats: bool = False

    @property
    def fact(self) -> str:
        """The fact that an answer becomes."""
        return PREFIX + self.key

    @property
    def values(self) -> tuple[str, ...]:
        """The values to choose from; empty where any text, number or version will do."""
        return tuple(value for value, _ in self.choices)

    def is_symptom(self, value: str) -> bool:
        """Does this answer say that something does not work?"""
        return "*" in self.symptoms or value in self.symptoms


def _choice(
    key: str, stage: Stage, ask: str, symptoms: str = "", *, repeats: bool = False, **choices: str
) -> Question:
    """`choices`: value=meaning; a value that is no Python name has `_` before it."""
    pairs = tuple(
        (value.removeprefix("_").replace("__", "."), meaning) for value, meaning in choices.items()
    )
    return Question(
        key=key,
        stage=stage,
        ask=ask,
        choices=pairs,
        symptoms=frozenset(symptoms.split()),
        repeats=repeats,
    )


def _open(key: str, stage: Stage, ask: str, form: Form = Form.TEXT, symptoms: str = "") -> Question:
    return Question(key=key, stage=stage, ask=ask, form=form, symptoms=frozenset(symptoms.split()))


_WORKS_OR_NOT = {
    "works": "the Photon comes online there",
    "same": "the same happens there",
    "other": "something else happens there",
}
_KEYS_RUN = {
    "not_run": "not run",
    "ran_ok": "ran without an error",
    "failed": "ended with an error",
    "helped": "helped",
}
_STEPS = {
    "restart": "a restart (RESET, replugging, in and out of listening mode)",
    "reflash": "flashing the program again, or Tinker",
    "update": "updating Device OS",
    "clear_credentials": "clearing the stored networks",
    "factory_reset": "a factory reset",
    "setup_again": "the set-up once more",
    "other_setup_way": "another way of set-up",
    "other_phone": "another phone",
    "other_computer": "another computer",
    "other_power": "another power supply",
    "other_cable": "another cable",
    "other_security": "another security type on the access point",
    "other_ssid": "another network name",
    "register_mac": "registering or allowing its MAC address",
}

_ALL = (
    # in the order in which answers proved decisive in real support cases
    _open(
        "led",
        Stage.POWER,
        "What does the light do, in order: which colours, blinking slowly, fast or breathing, how"
        " many flashes of another colour?",
    ),
    _choice(
        "hotspot",
        Stage.RADIO,
        "What happens on a phone's hotspot (2.4 GHz)?",
        "same other",
        repeats=False,
        **_WORKS_OR_NOT,
    ),
    _choice(
        "other_network",
        Stage.RADIO,
        "What happens on any second network or access point?",
        "same other",
        repeats=False,
        **_WORKS_OR_NOT,
    ),
    _choice(
        "other_photons",
        Stage.POWER,
        "Do other Photons work on this network?",
        "fail",
        work="yes, they do",
        fail="no, they fail too",
        none="there is no other",
    ),
    _choice(
        "many_failed_at_once",
        Stage.INTERNET,
        "Did several devices fail at the same minute?",
        "yes",
        yes="yes",
        no="no",
    ),
    _choice(
        "fails_how",
        Stage.POWER,
        "How does it fail?",
        "*",
        always="it was never online",
        sometimes="now and then",
        drops="it comes online and is lost later",
        no_reconnect="it does not come back after a break",
    ),
    _choice(
        "worked_before",
        Stage.POWER,
        "Did this Photon work on this network before?",
        yes="yes",
        no="no",
    ),
    _choice(
        "changed",
        Stage.POWER,
        "What happened just before it failed?",
        repeats=True,
        firmware="Device OS was updated",
        program="another program was flashed",
        static_ip="a fixed address was set",
        credentials="new network data were entered",
        power_loss="the power failed or the battery ran flat",
        factory_reset="a factory reset",
        router="the router was changed or set otherwise",
        moved="it was moved",
        nothing="nothing",
    ),
    _open("firmware", Stage.POWER, "Which Device OS version does it run (as 1.5.2)?", Form.VERSION),
    _open(
        "works_on_firmware",
        Stage.POWER,
        "With which other Device OS version does the same Photon work here?",
        Form.VERSION,
    ),
    _choice(
        "security",
        Stage.JOIN,
        "Which security has the Wi-Fi network?",
        open="none",
        wep="WEP",
        wpa="WPA (1)",
        wpa2="WPA2",
        wpa2_mixed="WPA/WPA2 or WPA2/WPA3 mixed",
        wpa3="WPA3 alone",
        enterprise="user name and password each (802.1X)",
    ),
    _choice(
        "ap_mode",
        Stage.JOIN,
        "Which 802.11 mode is the access point's 2.4 GHz side set to?",
        bgn="b/g/n",
        n_only="n alone",
        ax="ax (Wi-Fi 6)",
        unknown="not known",
    ),
    _choice(
        "ap_width_mhz",
        Stage.JOIN,
        "Which channel width is set on 2.4 GHz?",
        _20="20 MHz",
        _40="40 MHz",
    ),
    _open("channel", Stage.RADIO, "On which channel is the access point?", Form.NUMBER),
    _choice(
        "band",
        Stage.RADIO,
        "On which bands does the network exist?",
        _2__4="2.4 GHz alone",
        _5="5 GHz alone",
        both_same_name="both, with one name",
        both_split="both, with two names",
    ),
    _open("ssid", Stage.RADIO, "What is the network's name, exactly?"),
    _choice("ssid_hidden", Stage.RADIO, "Is the network's name hidden?", yes="yes", no="no"),
    _choice(
        "ssid_in_scan",
        Stage.RADIO,
        "At the Photon's place, is the network's name in a phone's or computer's list?",
        yes="yes, well received",
        weak="yes, but weak",
        garbled="yes, with odd characters",
        no="no",
    ),
    _open(
        "password_length",
        Stage.JOIN,
        "How many characters has the Wi-Fi password (never the password itself)?",
        Form.NUMBER,
    ),
    _choice(
        "entered_by",
        Stage.RADIO,
        "How were the network's name and password entered?",
        phone_app="phone app",
        cli="the command `particle`",
        serial="a terminal over USB",
        softap_page="the Photon's own web page",
    ),
    _choice(
        "in_range_when_entered",
        Stage.RADIO,
        "Was the network in range when they were entered?",
        yes="yes",
        no="no",
    ),
    _choice(
        "static_ip",
        Stage.ADDRESS,
        "Has the Photon a fixed address?",
        yes="yes",
        no="no",
        was_set_once="it once had one",
    ),
    _open(
        "addresses",
        Stage.ADDRESS,
        "Which addresses are set or shown (ip= mask= gateway= dns= NAME=)?",
    ),
    _choice(
        "router_shows_lease",
        Stage.ADDRESS,
        "Does the router's list of clients show the Photon with an address?",
        yes="yes",
        no="no",
    ),
    _choice(
        "laptop_same_wifi",
        Stage.INTERNET,
        "Does a computer or phone on the same Wi-Fi reach the Internet?",
        works="yes",
        fails="no",
    ),
    _choice(
        "cloud_reach",
        Stage.TCP,
        "From that network, does the cloud's name resolve and its port 5683 open?",
        "name_fails name_wrong port_closed",
        ok="yes, both",
        name_fails="the name does not resolve",
        name_wrong="the name gives a false address",
        port_closed="the port does not open",
    ),
    _choice(
        "network_kind",
        Stage.INTERNET,
        "What kind of network is it?",
        home="at home",
        phone_hotspot="a phone's hotspot",
        office="an office",
        school="a school, university or hall of residence",
        public="a café, hotel or other public place",
        several_sites="it fails at several sites",
    ),
    _choice(
        "keys_server",
        Stage.HANDSHAKE,
        "What came of `particle keys server`?",
        "failed",
        repeats=False,
        **_KEYS_RUN,
    ),
    _choice(
        "keys_doctor",
        Stage.HANDSHAKE,
        "What came of `particle keys doctor`?",
        "failed",
        repeats=False,
        **_KEYS_RUN,
    ),
    _choice(
        "keys_new",
        Stage.HANDSHAKE,
        "Was a new device key made by hand, and its public half sent?",
        "send_failed",
        not_run="no key was made",
        not_sent="made but not sent",
        send_failed="the sending failed",
        ran_ok="made and sent",
        helped="it helped",
    ),
    _choice(
        "safe_mode",
        Stage.POWER,
        "What happens in safe mode?",
        "same",
        connects="it connects",
        same="the same",
        not_entered="it cannot be entered",
    ),
    _choice(
        "program",
        Stage.POWER,
        "What does the program on it do?",
        repeats=True,
        stock="the default program (Tinker)",
        automatic="system mode AUTOMATIC",
        semi_automatic="system mode SEMI_AUTOMATIC",
        manual="system mode MANUAL",
        threaded="system thread enabled",
        blocks="it waits long without serving the cloud",
    ),
    _choice(
        "power",
        Stage.POWER,
        "What powers it?",
        usb_port="a computer's USB port",
        charger="a USB charger",
        battery="a battery",
        other="something else",
    ),
    _choice(
        "antenna",
        Stage.RADIO,
        "Which antenna is in use?",
        internal="the one on the board",
        external="an external one",
        external_missing="external is selected, and none is plugged in",
    ),
    _choice(
        "usb_seen",
        Stage.POWER,
        "Does a computer see it on USB?",
        "no",
        yes="yes",
        no="no",
        dfu_only="only while it blinks yellow (DFU)",
    ),
    _open("setup_step", Stage.OWNERSHIP, "At which step does the set-up stop?", symptoms="*"),
    _open(
        "setup_tool",
        Stage.OWNERSHIP,
        "What was used for the set-up (app, phone, computer, with versions)?",
    ),
    _open("setup_error", Stage.OWNERSHIP, "Which message did the set-up show?", symptoms="*"),
    _open("cli_error", Stage.POWER, "Which error did a command of `particle` show?", symptoms="*"),
    _choice(
        "online_in_console",
        Stage.OWNERSHIP,
        "Does the maker's console show it online?",
        "no",
        yes="yes",
        no="no",
    ),
    _choice(
        "claimed",
        Stage.OWNERSHIP,
        "Whose is it in the cloud?",
        "by_other id_unknown",
        by_me="mine",
        by_other="another account's",
        no="nobody's",
        id_unknown="the cloud does not know its id",
    ),
    _choice(
        "board",
        Stage.POWER,
        "Which board is it?",
        photon="Photon",
        p1="P1",
        core="Core",
        electron="Electron",
        argon="Argon",
        photon2="Photon 2",
        other="another",
    ),
    _open(
        "router_text",
        Stage.JOIN,
        "Which router or access point is it, and what does its Wi-Fi page say (security, cipher,"
        " mode)?",
    ),
    _choice("tried", Stage.POWER, "What was done and did NOT help?", repeats=True, **_STEPS),
    _choice("helped", Stage.POWER, "What made it work, even for a while?", repeats=True, **_STEPS),
)

QUESTIONS: dict[str, Question] = {question.key: question for question in _ALL}
"""Key → question, the most telling first."""


def of_fact(fact: str) -> Question | None:
    """The question whose answer is that fact, or None."""
    return QUESTIONS.get(fact.removeprefix(PREFIX)) if fact.startswith(PREFIX) else None
