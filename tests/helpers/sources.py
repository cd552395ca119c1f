"""The source text of netcheck and its probes, parsed once, by module name."""

from __future__ import annotations

import ast
from pathlib import Path

from tests.helpers.places import TOP


def module_name(path: Path) -> str:
    """`netcheck.capture.read` for netcheck/capture/read.py; probes/gateway.py is
    `netcheck.probes.gateway`.
    """
    parts = list(path.relative_to(TOP).with_suffix("").parts)
    parts = ["netcheck", *parts] if parts[0] == "probes" else parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


FILES = {
    module_name(path): path
    for folder in ("netcheck", "probes")
    for path in sorted((TOP / folder).rglob("*.py"))
}
TREES = {name: ast.parse(path.read_text(encoding="utf-8")) for name, path in FILES.items()}
