"""The commands of today's tools that a remedy may name, each with its source."""

from __future__ import annotations

CLI = "particle-cli@v3.9.0:src/cli"
COMMANDS = {
    "particle keys server": f"{CLI}/keys.js",
    "particle keys doctor": f"{CLI}/keys.js",
    "particle keys save": f"{CLI}/keys.js",
    "particle keys address": f"{CLI}/keys.js",
    "particle serial identify": f"{CLI}/serial.js",
    "particle serial inspect": f"{CLI}/serial.js",
    "particle serial mac": f"{CLI}/serial.js",
    "particle serial wifi": f"{CLI}/serial.js",
    "particle device add": f"{CLI}/device.js",
    "particle flash --usb tinker": f"{CLI}/flash.js",
    "particle update": f"{CLI}/update.js",
    "particle update-cli": f"{CLI}/update-cli.js",
    "particle login": f"{CLI}/cloud.js",
    "particle logout": f"{CLI}/cloud.js",
    "particle setup": f"{CLI}/setup.js",
    "dfu-util -l": "dfu-util(1) 0.11",
    "dfu-util --version": "dfu-util(1) 0.11",
    "openssl version": "openssl-version(1ssl) 3.0",
    "ping": "ping(8) of iputils, ping of macOS and Windows",
}
GONE = {
    "particle device doctor": "particle-cli@3.44.1:src/cli/doctor.js (not supported)",
}
"""What today's tool no longer does: no step names it."""
