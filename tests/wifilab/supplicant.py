"""hostapd and wpa_supplicant, each in a namespace, with what their logs say."""

from __future__ import annotations

import time
from pathlib import Path

from tests.lab.namespace import Namespace
from tests.wifilab.scenarios import Settings

JOINED, LEFT = "CTRL-EVENT-CONNECTED", "CTRL-EVENT-DISCONNECTED"
STARTS_WITHIN_S = 150


def start_access_points(
    where: Namespace, settings: dict[str, Settings], folder: Path, *, bridge: str
) -> Path:
    """One hostapd for these radios, by their interfaces; returns its log once all are on the air.
    RuntimeError where one does not start.
    """
    files = []
    for interface, own in settings.items():
        path = folder / f"hostapd-{interface}.conf"
        head = f"interface={interface}\nctrl_interface={folder}/hostapd\n"
        head += f"bridge={bridge}\n" if bridge else ""
        path.write_text(head + _lines(own, folder))
        files.append(str(path))
    log = folder / f"hostapd-{where.name}.log"
    where.start("hostapd", *files, log=log)
    deadline = time.monotonic() + STARTS_WITHIN_S
    while log.read_text().count("AP-ENABLED") < len(files):
        if "AP-DISABLED" in log.read_text() or time.monotonic() > deadline:
            raise RuntimeError(f"hostapd does not start: {log.read_text()}")
        time.sleep(0.1)
    return log


def _lines(settings: Settings, folder: Path) -> str:
    return "".join(
        f"{key}={str(value).replace('{folder}', str(folder))}\n"
        for key, value in settings.items()
        if value is not False and key != "radio"
    )


class Supplicant:
    """A station that joins what these settings name, and joins again when it is sent away."""

    def __init__(
        self, where: Namespace, interface: str, settings: Settings, folder: Path, country: str
    ) -> None:
        self._log = folder / f"supplicant-{where.name}.log"
        path = folder / f"supplicant-{where.name}.conf"
        own = "".join(f"  {k}={v}\n" for k, v in settings.items() if v is not False)
        head = f"ctrl_interface={folder}/supplicant-{where.name}\np2p_disabled=1\n"
        head += f"country={country}\n" if country else ""
        path.write_text(f"{head}network={{\n{own}}}\n")
        where.start(
            "wpa_supplicant", "-Dnl80211", f"-i{interface}", f"-c{path}", "-t", log=self._log
        )

    @property
    def joins(self) -> int:
        """How often it has joined."""
        return self._log.read_text().count(JOINED)

    @property
    def is_joined(self) -> bool:
        """Is the last thing that happened a join?"""
        text = self._log.read_text()
        return text.rfind(JOINED) > text.rfind(LEFT)
