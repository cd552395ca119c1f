"""From gathered evidence to an answer, and from the answer to the forms the user asked for (screen,
reports, case file) and the exit code.
"""

from __future__ import annotations

import os
import re
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import click
import msgspec

from netcheck import casefile, files
from netcheck.app import interrupt, output, progress
from netcheck.app.exits import EXIT_OF, Exit, of_fix, worst
from netcheck.app.options import SharedOptions
from netcheck.app.sources import GatheredEvidence
from netcheck.app.values import EVIDENCE
from netcheck.model import Device, Diagnosis, Observation, Struct, Target
from netcheck.report.answer import Answer, redacted
from netcheck.report.layout import Style
from netcheck.text import redact
from netcheck.text.escape import safe
from netcheck.text.redact import Redaction, RedactionError

if TYPE_CHECKING:
    from netcheck.correlator.catalogue import Cause
    from netcheck.verification import Verification

JUDGING_S, JUDGING_EACH_S = 10.0, 0.015
"""Of the processor, and more for each device: where judging takes longer it is cut short, and the
answer says so.
"""
LOOK_AGAIN_S = 0.05
Save = Callable[[str, Iterable[bytes]], None]
"""Writes a file whole or not at all, as `files.write` does."""


class Writing(Struct, frozen=True, kw_only=True):
    """How files are written and the redaction key is found: as this process may, or as one that
    gave its rights up must.
    """

    save: Save = files.write
    load_key: Callable[[str], bytes] = lambda file: redact.load_key(file)


_DIRECT = Writing()


def give(
    options: SharedOptions,
    target: Target,
    gathered: GatheredEvidence,
    prove: str,
    sent: str = "",
    out: TextIO | None = None,
    writing: Writing = _DIRECT,
    before: Diagnosis | None = None,
) -> Exit:
    """Judge, print (to standard output unless `out` says where), write what was asked for (by
    `writing`); gives how the run ends. `before`: the fault that may have been fixed meanwhile.
    Raises ClickException where nothing can be hidden or printed.
    """
    for sentence in gathered.unusable:
        output.complain(sentence)
    if gathered.unusable and not gathered.observations:
        return Exit.UNUSABLE
    complain_of_packages()
    with progress.shown(progress.counted("Weighing the causes")):
        answer = judge(gathered, target, prove, sent)
    codes = [EXIT_OF[one.verdict] for one in answer.diagnoses]
    checked = None
    if before is not None:
        from netcheck.verification import verify

        checked = verify(before, answer.diagnoses)
        answer = msgspec.structs.replace(answer, diagnoses=(checked.now,), origins=())
        codes = [of_fix(checked.result)]
    created = now()
    out = out or sys.stdout
    try:
        if options.json:
            output.show_bytes(in_json(answer, options, created, writing, checked), out)
        else:
            output.show(on_screen(answer, options, output.style(out), writing, checked), out)
        complaints = write(answer, options, created, writing)
    except RedactionError as error:
        raise click.ClickException(str(error)) from error
    for complaint in complaints:
        output.complain(complaint)
    if complaints or gathered.unusable:
        codes.append(Exit.UNUSABLE)
    return worst(codes)


def complain_of_catalogue() -> None:
    """Say what is wrong in the catalogue itself, for who changes it."""
    from netcheck.correlator.catalogue import check, load
    from netcheck.correlator.rules import every_rule
    from netcheck.vocabulary import is_known, is_of_package

    for problem in check(load(), every_rule(), lambda fact: is_known(fact) or is_of_package(fact)):
        output.complain(safe(problem, 400))


def complain_of_packages() -> None:
    """Say which causes of other packages cannot be used."""
    from netcheck.correlator import catalogue

    for problem in catalogue.load().problems:
        output.complain(problem)


def repeated(start: str, options: SharedOptions, more: str = "") -> str:
    """The command that tests the same again: `start` with the options that change the question, and
    none that name a file.
    """
    host, port = options.cloud
    asks_other_cloud = options.cloud != (Target().cloud_host, Target().cloud_port)
    words = (
        start,
        options.device and f"--device {options.device}",
        f"--cloud {host}:{port}" if asks_other_cloud else "",
        more,
    )
    return " ".join(word for word in words if word)


def judge(gathered: GatheredEvidence, target: Target, prove: str, sent: str) -> Answer:
    """The diagnoses and all they rest on, within JUDGING_S, or until the user interrupts. `prove`
    and `sent` as in `Answer`.
    """
    from netcheck.correlator import diagnose, patience

    observations = casefile.merge(gathered.observations)
    devices = sum(o.fact == "device.identity" for o in observations)
    allowed_s = JUDGING_S + JUDGING_EACH_S * min(devices, patience.MOST_DEVICES)
    was_interrupted, end = interrupt.is_seen(), time.process_time() + allowed_s
    looked_at, is_cut = time.monotonic(), False

    def is_over() -> bool:
        nonlocal looked_at, is_cut
        now_s = time.monotonic()
        if now_s - looked_at >= LOOK_AGAIN_S:  # to ask for the processor's time takes long
            looked_at, is_cut = now_s, time.process_time() > end
        is_cut |= interrupt.is_seen() != was_interrupted
        return is_cut

    judged = [
        (one, _origin(one.device, gathered.origins) or file)
        for file, part in _parts(gathered, observations)
        for one in diagnose(part, target, is_over)
    ]
    origins = tuple(file for _, file in judged)
    return Answer(
        diagnoses=tuple(one for one, _ in judged),
        observations=tuple(observations),
        unread=gathered.unread,
        partial=gathered.partial or was_interrupted or is_cut,
        prove=prove,
        sent=sent,
        origins=origins if len(set(origins)) > 1 else (),
    )


def _parts(
    gathered: GatheredEvidence, observations: Sequence[Observation]
) -> Iterator[tuple[str, Sequence[Observation]]]:
    """What is weighed together: everything, but for case files alone of several customers. With
    each the only case file that it comes from, if there is one.
    """
    from netcheck.correlator import sites

    cases = gathered.cases
    if len(cases) < 2 or sum(len(seen) for _, seen in cases) < len(gathered.observations):
        yield "", observations
        return
    for part in sites.unrelated([seen for _, seen in cases]):
        file = cases[part[0]][0] if len(part) == 1 else ""
        yield file, casefile.merge(o for index in part for o in cases[index][1])


def _origin(device: Device, origins: Mapping[str, str]) -> str:
    """The case file that alone speaks of that device, or of its network."""
    names = (device.mac, device.id, device.ip, device.site)
    return next((origins[name] for name in names if name and name in origins), "")


def on_screen(
    answer: Answer,
    options: SharedOptions,
    style: Style,
    writing: Writing = _DIRECT,
    checked: Verification | None = None,
) -> str:
    """What standard output is to hold; nothing is hidden unless asked for. `checked`: whether a fix
    helped. Raises RedactionError.
    """
    shown = _redacted(answer, options.redact or Redaction.NONE, options, writing)
    causes = _causes(shown, options)
    titles = {cause.id: cause.title for cause in causes.values()}
    above = _above(checked, titles, style, is_short=options.quiet)
    from netcheck.report import screen
    from netcheck.report.view import view

    seen = view(shown, causes)
    if options.verbose and not options.quiet:
        from netcheck.report import terminal

        return "\n".join([*above, terminal.render(seen, style)])
    if not options.quiet:
        return screen.render(seen, style, above)
    return "\n".join([*above, screen.line(seen)])


def in_json(
    answer: Answer,
    options: SharedOptions,
    created: float,
    writing: Writing = _DIRECT,
    checked: Verification | None = None,
) -> Iterator[bytes]:
    """The same as one JSON document, in pieces. Raises RedactionError before the first."""
    from netcheck.report import json

    shown = _redacted(answer, options.redact or Redaction.NONE, options, writing)
    if checked is None:
        return json.pieces(shown, created)
    from netcheck.report import verification

    titles = {cause.id: cause.title for cause in _causes(shown, options).values()}
    document = verification.document(checked, json.document(shown, created), titles)
    return iter([json.written(document)])


def _above(
    checked: Verification | None, titles: Mapping[str, str], style: Style, *, is_short: bool
) -> list[str]:
    """What stands before the answer: whether a fix helped."""
    if checked is None:
        return []
    from netcheck.report import verification

    if is_short:
        return [f"{checked.result}: {verification.sentence(checked, titles)}"]
    return verification.lines(checked, titles, style)


def refuse_outputs(options: SharedOptions) -> None:
    """Raises ClickException where a file to write must not be written to; called before anything is
    read or sent. What cannot be written for another reason is named after the answer.
    """
    seen: set[str] = set()
    for option, file in outputs(options):
        try:
            place = files.destination(file, (*options.pcap, *options.case, *options.log))
        except files.OutputRefused as refused:
            raise click.ClickException(f"{option}: {safe(file, 200)} {refused}.") from refused
        except (OSError, ValueError):
            continue
        place.close()
        if place.path in seen and not place.is_stream:
            raise click.ClickException(
                f"{option}: {safe(file, 200)} is named twice; name two files."
            )
        seen.add(place.path)


def how_to_prove(options: SharedOptions) -> str:
    """How to see that a change cured what was judged from what these options name."""
    if options.case:
        return (
            "A case file shows the past: run `netcheck`, or `netcheck pcap` on a"
            " new capture; it should say healthy."
        )
    if options.pcap:
        return (
            "Capture the device's next start and run `netcheck pcap` on that; it"
            " should say healthy."
        )
    if options.log:
        return (
            "Save the log of the device's next start and run this again on that;"
            " it should say healthy."
        )
    return "Look at the light again: breathing cyan is online."


def outputs(options: SharedOptions) -> list[tuple[str, str]]:
    """The files to write, each after the option that names it."""
    saved = [("--save", options.save)] if options.save else []
    return saved + [("--report", file) for file in options.report]


def write(
    answer: Answer, options: SharedOptions, created: float, writing: Writing = _DIRECT
) -> list[str]:
    """Write the case file and the reports; a sentence for each that could not be written.
    Raises RedactionError.

    What others hide unless told otherwise is hidden in reports alone: a case file is the user's own
    record.
    """
    complaints: list[str] = []
    if options.save:
        kept = _redacted(answer, options.redact or Redaction.NONE, options, writing).observations
        with named(options.save, complaints):
            writing.save(options.save, casefile.lines(kept))
    for file in options.report:
        level = Redaction.IT if options.redact is None else options.redact
        with named(file, complaints):
            if Path(file).suffix.lower() == EVIDENCE:
                writing.save(file, _evidence(answer, level, options))
            else:
                content = _report(
                    file, _redacted(answer, level, options, writing), options, created
                )
                writing.save(file, content)
    return complaints


def _evidence(answer: Answer, level: Redaction, options: SharedOptions) -> list[bytes]:
    """The packets that the answer cites. Raises OutputRefused where there are none, or where
    addresses are to be hidden, which packets cannot be without.
    """
    from netcheck.correlator import catalogue
    from netcheck.recording.pcapng import evidence

    if level is Redaction.PUBLIC:
        raise files.OutputRefused("would show addresses; leave it out, or use --redact it")
    alone = [one.device for one in answer.diagnoses] if level is Redaction.IT else []
    titles = {cause.id: cause.title for cause in catalogue.load().causes.values()}
    again = [path for path in options.pcap if path != files.STANDARD_INPUT]
    try:
        return list(
            evidence.written(
                again, evidence.cited(answer.diagnoses, titles), options.target(), alone
            )
        )
    except (evidence.NoPackets, evidence.CaptureError) as error:
        raise files.OutputRefused(str(error)) from error


@contextmanager
def named(file: str, complaints: list[str]) -> Iterator[None]:
    """A file that cannot be written becomes a sentence."""
    try:
        yield
    except files.OutputRefused as refused:
        complaints.append(f"{safe(file, 200)} {refused}.")
    except (OSError, ValueError) as error:
        why = (error.strerror or "") if isinstance(error, OSError) else str(error)
        complaints.append(f"{safe(file, 200)}: cannot be written ({safe(why)}); name another file.")


def _redacted(answer: Answer, level: Redaction, options: SharedOptions, writing: Writing) -> Answer:
    if level is Redaction.NONE:
        return answer
    return redacted(
        answer, level, writing.load_key(options.redact_key), [options.target().cloud_host]
    )


def _causes(answer: Answer, options: SharedOptions) -> Mapping[str, Cause]:
    """The catalogue's causes, in words for the cloud that the device goes to."""
    from netcheck.correlator.catalogue import load, own_cloud

    target = options.target()
    server = own_cloud.server_of(answer.observations, target)
    return own_cloud.for_server(load(), server, target.cloud_port).causes


def _report(file: str, answer: Answer, options: SharedOptions, created: float) -> Iterable[bytes]:
    """A report of the kind that the file's suffix names."""
    suffix = Path(file).suffix.lower()
    if suffix == ".json":
        from netcheck.report import json

        return json.pieces(answer, created)
    from netcheck.report import documents
    from netcheck.report.view import view

    return [documents.render(suffix, view(answer, _causes(answer, options)), created)]


def now() -> float:
    """UTC seconds since 1970; those of SOURCE_DATE_EPOCH, where it is set, so that the same input
    gives the same bytes (reproducible-builds.org, "SOURCE_DATE_EPOCH").
    """
    fixed = os.environ.get("SOURCE_DATE_EPOCH", "")
    return float(fixed) if re.fullmatch(r"[0-9]{1,11}", fixed, re.ASCII) else time.time()
