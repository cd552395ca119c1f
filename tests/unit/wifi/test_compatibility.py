"""Can a Photon join? Beacons of every kind against firmware lines, a row each.

A row is `FIRMWARE | BEACON | VERDICT REASON`; `-` is a version that is not known. They were written
from the module's data sheet, the firmware's change logs and the maker's advice, not from the
program: 2.4 GHz alone, 802.11 b, g and n, 20 MHz, open, WEP, WPA and WPA2 with a pass phrase,
802.1X from 0.7.0, nothing of WPA3 or protected management frames, n-only broken from 0.7.0 to
1.1.0-rc.1.
"""

from __future__ import annotations

import pytest

from netcheck.vocabulary import REASONS
from netcheck.wifi.compatibility import Joins, compatibility
from tests.helpers.beacons import beacon

ROWS = """
-       | 2437 ch6 psk ccmp b g n                  | works
-       | 2412 ch1 psk ccmp b g n                  | works
-       | 2462 ch11 psk ccmp b g n 20              | works
-       | 2437 ch6 psk ccmp b g                    | works
-       | 2437 ch6 psk ccmp b                      | works
-       | 2437 ch6 psk ccmp g                      | works
-       | 2437 ch6 psk ccmp g n                    | works
0.4.7   | 2437 ch6 psk ccmp b g                    | works
0.5.5   | 2437 ch6 psk ccmp b g n                  | works
0.6.0   | 2437 ch6 psk ccmp b g n                  | works
0.7.0   | 2437 ch6 psk ccmp b g n                  | works
1.5.2   | 2437 ch6 psk ccmp b g n                  | works
2.3.1   | 2437 ch6 psk ccmp b g n                  | works
3.3.1   | 2437 ch6 psk ccmp b g n 20               | works
-       | 2437 ch6 open b g n                      | works
1.5.2   | 2437 ch6 open b g                        | works
-       | 2437 ch6 open b g n owe-transition       | works
-       | 2437 ch6 wpa b g                         | works
-       | 2437 ch6 wpa wpa-ccmp b g                | works
-       | 2437 ch6 psk tkip b g                    | works
-       | 2437 ch6 psk tkip ccmp b g n             | works
-       | 2437 ch6 psk ccmp group-tkip b g n       | works
-       | 2437 ch6 psk ccmp wpa b g n              | works
-       | 2437 ch6 psk ccmp mfpc b g n             | works
-       | 2437 ch6 psk psk-sha256 ccmp b g n       | works
-       | 2437 ch6 psk psk-sha256 ccmp mfpc b g n  | works
-       | 2437 ch6 psk ft-psk ccmp b g n           | works
-       | 2437 ch6 psk ccmp hidden b g n           | works
-       | 2437 ch6 psk ccmp zeros b g n            | works
1.5.2   | 2437 ch6 open hidden b g                 | works
-       | ch6 psk ccmp b g n                       | works
-       | ch11 open b g                            | works
-       | 2437 ch6 wpa wpa-ccmp hidden b g n       | works
1.1.0   | 2437 ch6 psk ccmp b g n need-n           | works
1.2.1   | 2437 ch6 psk ccmp b g n need-n           | works
2.3.1   | 2437 ch6 psk ccmp n                      | works
3.3.1   | 2437 ch6 psk ccmp need-n n               | works
0.6.4   | 2437 ch6 psk ccmp need-n n               | works
0.7.0   | 2437 ch6 psk ccmp need-n n b g           | never unsupported_mode
0.8.0   | 2437 ch6 psk ccmp need-n n b g           | never unsupported_mode
1.0.1   | 2437 ch6 psk ccmp need-n n               | never unsupported_mode
1.1.0-rc.1 | 2437 ch6 psk ccmp need-n n            | never unsupported_mode
0.7.0   | 2437 ch6 open n                          | never unsupported_mode
-       | 2437 ch6 psk ccmp need-n n b g           | unknown unsupported_mode
-       | 2437 ch6 psk ccmp n                      | unknown unsupported_mode
0.7.0   | 2437 ch6 psk ccmp b g n                  | works
1.0.1   | 2437 ch6 open b g n                      | works
-       | 5180 ch36 psk ccmp g n                   | never only_5ghz
-       | 5180 ch36 psk ccmp g n ac                | never only_5ghz
1.5.2   | 5180 ch36 open g n ac                    | never only_5ghz
3.3.1   | 5745 ch149 psk ccmp g n ac ax            | never only_5ghz
-       | 5500 ch100 psk sae ccmp mfpc g n ac      | never only_5ghz
-       | 5885 ch177 psk ccmp g n                  | never only_5ghz
-       | 5955 ch1 sae ccmp mfpr g ax              | never only_5ghz
-       | 6115 ch33 owe ccmp mfpr g ax             | never only_5ghz
-       | 5975 ch5 sae ccmp mfpr g ax              | never only_5ghz
-       | ch36 psk ccmp g n                        | never only_5ghz
-       | ch149 open g n ac                        | never only_5ghz
-       | 5180 ch36 psk ccmp hidden g n            | never only_5ghz
-       | 5180 psk ccmp no-ds g n                  | never only_5ghz
-       | ch6 psk ccmp g n                         | unknown
-       | ch1 open g                               | unknown
1.5.2   | ch11 psk ccmp g n                        | unknown
-       | 2437 psk ccmp no-ds b g                  | unknown
-       | psk ccmp b g                             | unknown
-       | 2467 ch12 psk ccmp b g n                 | unknown channel
-       | 2472 ch13 psk ccmp b g n                 | unknown channel
0.5.0   | 2472 ch13 psk ccmp b g n                 | unknown channel
0.5.2   | 2467 ch12 open b g                       | unknown channel
3.3.1   | 2472 ch13 psk ccmp b g n                 | unknown channel
-       | 2484 ch14 psk ccmp b                     | unknown channel
1.5.2   | 2484 ch14 open b                         | unknown channel
-       | 2472 ch13 sae ccmp mfpr b g n            | never sae_only
-       | 2437 ch6 wep b g                         | unknown wep
0.4.7   | 2437 ch6 wep b g                         | unknown wep
3.3.1   | 2437 ch6 wep b                           | unknown wep
-       | 2437 ch6 wep hidden b g                  | unknown wep
-       | 2437 ch6 sae ccmp mfpr b g n             | never sae_only
-       | 2437 ch6 sae ccmp mfpc b g n             | never sae_only
-       | 2437 ch6 sae ccmp b g n                  | never sae_only
3.3.1   | 2437 ch6 sae ccmp mfpr b g n             | never sae_only
0.6.0   | 2437 ch6 sae ccmp mfpr b g n             | never sae_only
-       | 2437 ch6 akm9 ccmp mfpr b g n            | never sae_only
-       | 2437 ch6 akm24 ccmp mfpr b g n ax        | never sae_only
-       | 2437 ch6 akm25 ccmp mfpr b g n ax        | never sae_only
-       | 2437 ch6 sae akm24 gcmp mfpr b g n       | never sae_only
-       | 2437 ch6 sae hidden ccmp mfpr b g        | never sae_only
-       | 2437 ch6 psk sae ccmp mfpc b g n         | unknown sae_only
3.3.1   | 2437 ch6 psk sae ccmp mfpc b g n         | unknown sae_only
1.5.2   | 2437 ch6 psk sae akm24 ccmp mfpc b g n   | unknown sae_only
-       | 2437 ch6 psk psk-sha256 sae ccmp mfpc b g n | unknown sae_only
-       | 2437 ch6 psk ft-psk sae akm9 ccmp mfpc b g n | unknown sae_only
-       | 2437 ch6 psk sae ccmp mfpr b g n         | never pmf_required
-       | 2437 ch6 psk ccmp mfpr b g n             | never pmf_required
3.3.1   | 2437 ch6 psk ccmp mfpr b g n             | never pmf_required
0.7.0   | 2437 ch6 psk psk-sha256 ccmp mfpr b g n  | never pmf_required
-       | 2437 ch6 psk tkip mfpr b g               | never pmf_required
-       | 2437 ch6 psk-sha256 ccmp mfpr b g n      | never other_security
-       | 2437 ch6 psk-sha256 ccmp b g n           | never other_security
-       | 2437 ch6 ft-psk ccmp b g n               | never other_security
-       | 2437 ch6 owe ccmp mfpr b g n             | never other_security
-       | 2437 ch6 owe ccmp mfpr hidden b g n      | never other_security
-       | 2437 ch6 akm19 ccmp b g n                | never other_security
-       | 2437 ch6 akm20 gcmp b g n                | never other_security
-       | 2437 ch6 akm14 ccmp b g n                | never other_security
-       | 2437 ch6 akm17 ccmp b g n                | never other_security
-       | 2437 ch6 akm99 ccmp b g n                | never other_security
-       | 2437 ch6 psk gcmp b g n                  | never other_security
-       | 2437 ch6 psk gcmp-256 b g n              | never other_security
-       | 2437 ch6 psk use-group b g n             | never other_security
3.3.1   | 2437 ch6 psk gcmp group-gcmp b g n       | never other_security
-       | 2437 ch6 psk ccmp group-wep b g          | unknown other_security
-       | 2437 ch6 psk ccmp group-gcmp b g n       | unknown other_security
-       | 2437 ch6 psk gcmp ccmp group-ccmp b g n  | works
-       | 2437 ch6 eap ccmp b g n                  | unknown enterprise
0.7.0   | 2437 ch6 eap ccmp b g n                  | unknown enterprise
1.5.2   | 2437 ch6 eap ccmp mfpc b g n             | unknown enterprise
3.3.1   | 2437 ch6 eap tkip b g                    | unknown enterprise
0.6.4   | 2437 ch6 eap ccmp b g n                  | never enterprise
0.5.5   | 2437 ch6 wpa-eap b g                     | never enterprise
0.4.9   | 2437 ch6 eap ccmp b g                    | never enterprise
-       | 2437 ch6 wpa-eap b g                     | unknown enterprise
-       | 2437 ch6 eap ccmp mfpr b g n             | never enterprise
-       | 2437 ch6 akm5 ccmp mfpr b g n            | never enterprise
-       | 2437 ch6 akm5 ccmp b g n                 | never enterprise
-       | 2437 ch6 akm3 ccmp b g n                 | never enterprise
3.3.1   | 2437 ch6 akm11 gcmp b g n                | never enterprise
3.3.1   | 2437 ch6 akm12 gcmp-256 mfpr b g n       | never enterprise
-       | 2437 ch6 akm13 ccmp b g n                | never enterprise
-       | 2437 ch6 eap psk ccmp b g n              | unknown enterprise
-       | 2437 ch6 psk akm20 ccmp b g n            | unknown other_security
-       | 2437 ch6 psk ccmp b g n 40               | unknown unsupported_mode
3.3.1   | 2462 ch11 psk ccmp b g n 40              | unknown unsupported_mode
-       | 2437 ch6 open b g 40                     | unknown unsupported_mode
-       | 2437 ch6 psk ccmp b g n ax               | unknown
3.3.1   | 2437 ch6 psk ccmp b g n ax be            | unknown
-       | 2437 ch6 psk ccmp b g n ac               | unknown
-       | 2437 ch6 psk ccmp b g n need-ac ac       | never unsupported_mode
3.3.1   | 2437 ch6 psk ccmp b g n need-ax ax       | never unsupported_mode
-       | 2437 ch6 open b g n need-ax ax           | never unsupported_mode
-       | 2437 ch6 psk sae ccmp mfpc need-h2e b g  | unknown unsupported_mode|sae_only
-       | 2437 ch6 psk ccmp need-h2e b g n         | unknown unsupported_mode
-       | 2437 ch6 psk ccmp                        | unknown
-       | 2437 ch6 open                            | unknown
"""


def rows() -> list[tuple[str, str, str]]:
    cells = (line.split("|", 2) for line in ROWS.strip().splitlines())
    return [(cell[0].strip(), cell[1].strip(), cell[2].strip()) for cell in cells]


@pytest.mark.parametrize(("firmware", "line", "expected"), rows())
def test_can_it_join(firmware: str, line: str, expected: str) -> None:
    found = compatibility(beacon(line), firmware.strip("-"))
    verdict, _, reasons = expected.partition(" ")
    assert found.joins.name.lower() == verdict
    worst = [remark for remark in found.remarks if remark.joins is found.joins]
    if found.joins is not Joins.WORKS:
        assert worst[0].reason in reasons.split("|") or not reasons
        assert reasons or not any(remark.reason for remark in worst)


def test_the_table_is_large_and_its_rows_differ() -> None:
    keys = [(firmware, " ".join(sorted(line.split()))) for firmware, line, _ in rows()]
    assert len(keys) >= 120
    assert len(set(keys)) >= len(keys) - 1


@pytest.mark.parametrize("line", sorted({line for _, line, _ in rows()}))
def test_each_remark_has_a_known_reason_and_a_source(line: str) -> None:
    for firmware in ("", "0.6.0", "1.0.0", "3.3.1", "no version"):
        found = compatibility(beacon(line), firmware)
        assert list(found.remarks) == sorted(found.remarks, key=lambda r: -r.joins)
        for remark in found.remarks:
            assert remark.reason in REASONS
            assert remark.says and remark.source
        if (obstacle := beacon(line).obstacle()) and obstacle not in ("wep", "enterprise"):
            assert found.joins is Joins.NEVER
