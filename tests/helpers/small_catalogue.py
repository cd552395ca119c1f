"""A small catalogue for the interview."""

from __future__ import annotations

from netcheck.correlator import catalogue
from netcheck.model import Observation, Target
from netcheck.user.interview import replies

CLUES = """
wifi_wrong_password  for      led.last            green_slow     weak
wifi_wrong_password  for      told.changed        credentials    weak
wifi_wrong_password  against  told.hotspot        same           weak
wep_network          for      told.security       wep            strong
wep_network          for      led.last            green_slow     weak
cloud_port_blocked   for      led.flash           orange_3       weak
cloud_port_blocked   for      told.hotspot        works          strong
cloud_port_blocked   against  told.hotspot        same           strong
device_key_mismatch  for      led.flash           red_1          strong
device_key_mismatch  for      told.hotspot        same           weak
device_key_mismatch  for      told.keys_doctor    helped         decisive
server_key_wrong     for      led.flash           red_1          strong
server_key_wrong     for      told.keys_server    helped         decisive
app_crashes          for      led.sos             -              strong
cli_token_expired    for      told.cli_error      -              weak
"""
"""Cause, side, fact, value, weight."""


def _files() -> dict[str, str]:
    names = dict.fromkeys(line.split()[0] for line in CLUES.strip().splitlines())
    files = {
        name: (
            f'place = {place}\nowner = "you"\nstops_connection = true\ntitle = "{name}"\nheadline ='
            f' "{name}."\nremedy = ["Fix it."]\nexplain = "So it is."\nsources ='
            ' ["somebody"]\nprior = 3\n'
        )
        for place, name in enumerate(names)
    }
    for line in CLUES.strip().splitlines():
        name, side, fact, value, weight = line.split()
        values = "" if value == "-" else f'value = ["{value}"]\n'
        files[name] += (
            f'[[{side}]]\nfact = "{fact}"\n{values}weight = "{weight}"\nsays = "{fact} {value}"\n'
        )
    return {f"power/{name}.toml": text for name, text in files.items()}


SMALL = catalogue.parse(_files())


TARGET = Target()


def told(**pairs: str) -> list[Observation]:
    return [o for key, text in pairs.items() for o in replies.observed(key, text, TARGET, 1.0)]
