"""What is said of a finished recording, to a person and to a program."""

from __future__ import annotations

import msgspec

from netcheck.recording.recorder import Recording, Stopped
from netcheck.report.answer import Answer
from netcheck.report.layout import wrapped
from netcheck.report.screen import line
from netcheck.report.view import view
from netcheck.text.escape import safe

_ENDED = {
    Stopped.SETTLED: "It stopped because nothing more is needed",
    Stopped.TIME: "It stopped because its time was over (--for)",
    Stopped.SIZE: "It stopped because the file had its size (--most)",
    Stopped.INTERRUPTED: "You stopped it, so it is partial; what was recorded until then is whole",
    Stopped.GONE: "It stopped because the interface is gone; what was recorded until then is whole",
}


def text(recording: Recording, answer: Answer | None, explain: str) -> str:
    """The verdict in a line, then the file, what it holds, why it ended, and the command that
    explains it.
    """
    size = f"{recording.size_bytes / 1000:.0f} kB"
    held = (
        f"{safe(recording.path, 200)}: {recording.packets} packets, {size}, {recording.seconds:.0f}"
        f" s on {safe(recording.interface, 60)}."
    )
    why = f": {'; '.join(recording.why)}" if recording.why else ""
    lost = [f"{recording.lost} packets came too fast and were lost."] if recording.lost else []
    return "\n".join(
        [
            *((line(view(answer, {})).rstrip(), "") if answer is not None else ()),
            *(
                row
                for sentence in (
                    f"Recorded {held}",
                    f"{_ENDED[recording.stopped]}{why}.",
                    *lost,
                    *recording.notes,
                )
                for row in wrapped(sentence)
            ),
            f"Explained in full by: {explain}",
        ]
    )


def entry(recording: Recording, answer: Answer | None, explain: str) -> dict[str, object]:
    """The same as plain values, for JSON."""
    diagnoses = answer.diagnoses if answer is not None else ()
    return {
        "schema": "netcheck-record/1",
        "recording": msgspec.structs.replace(recording, path=str(recording.path)),
        "diagnoses": [
            {"device": one.device, "verdict": one.verdict, "headline": one.headline}
            for one in diagnoses
        ],
        "explain": explain,
    }
