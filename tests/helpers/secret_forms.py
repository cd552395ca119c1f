"""Secrets for templates, in the forms that they take on their way, and what gives one away."""

from __future__ import annotations

import base64
import json
import unicodedata
from urllib.parse import quote, quote_plus

CORE = "Zq7vKx9W"
"""Stands in every secret and nowhere else: so even a part of one is found."""


def filled(template: str, secret: str) -> str:
    """The template with the secret in it, changed as its placeholders say."""
    half = len(secret) // 2
    raw = secret.encode("utf-8", "replace")
    forms = {
        "S": secret,
        "S1": secret[:half],
        "S2": secret[half:],
        "S1last": secret[half - 1 : half],
        "S_b64": base64.b64encode(raw).decode(),
        "USER_S_b64": base64.b64encode(b"anna:" + raw).decode(),
        "S_hex": raw.hex(),
        "S_hex_spaced": raw.hex(" "),
        "S_0x": ", ".join(f"0x{byte:02x}" for byte in raw),
        "S_commas": ",".join(f"'{character}'" for character in secret),
        "S_url": quote(secret),
        "S_url_plus": quote_plus(secret),
        "S_json": json.dumps(secret)[1:-1],
        "S_rev": secret[::-1],
        "S_first20": secret[:20],
        "S_chars": "|".join(secret),
        "S_u": "".join(f"\\u{ord(character):04x}" for character in secret),
        "S_upper": secret.upper(),
        "S_nfd": unicodedata.normalize("NFD", secret),
    }
    for name, form in forms.items():
        template = template.replace("{" + name + "}", form)
    return template


def leaked(shown: str, core: str = CORE) -> list[str]:
    """The forms of a part of the secret that stand in what was shown."""
    text = shown.casefold()
    plain = text.encode("utf-8", "replace").decode("unicode_escape", "replace")
    raw = core.encode()
    forms = {
        core,
        core[:5],
        core[-5:],
        core[::-1],
        raw.hex(),
        raw.hex(" "),
        ", ".join(f"0x{byte:02x}" for byte in raw),
        ",".join(f"'{character}'" for character in core),
        *(
            base64.b64encode(b"x" * pad + raw).decode()[2 * bool(pad) + pad : -4]
            for pad in range(3)
        ),
    }
    return sorted(form for form in forms if form.casefold() in text or form.casefold() in plain)
