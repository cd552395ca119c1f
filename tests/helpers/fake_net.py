"""What the tests of probes share."""

from __future__ import annotations

from netcheck.probing import Reply
from netcheck.probing.testing import Question

Answers = dict[Question, Reply | list[Reply]]
"""What `FakeNet` answers."""
