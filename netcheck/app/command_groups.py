"""What the commands of `netcheck` have in common: help with its options in groups, and no word of a
wrong command line repeated.
"""

from __future__ import annotations

from pathlib import Path

import click

from netcheck.app.values import unknown
from netcheck.text.escape import safe

GROUPS = {
    "Evidence": ("pcap", "wifi_passphrase", "case", "log", "led", "tell"),
    "Answer": (
        "report",
        "save",
        "json",
        "as_json",
        "quiet",
        "verbose",
        "redact",
        "redact_key",
    ),
    "This network": (
        "interface",
        "site",
        "cloud",
        "cloud_key",
        "only",
        "skip",
        "also",
        "budget",
        "plan",
        "as_device",
    ),
    "Device": ("device", "serial", "softap", "follow", "seconds"),
}
"""The parameters of each group; others stand under "Options"."""
EXAMPLES = (
    ("netcheck", "why a Photon here does not connect"),
    ("netcheck pcap lobby.pcap", "the same from a capture; sends nothing"),
    ("netcheck pcap lobby.pcap --report it.html", "a page for whoever runs the firewall"),
)


class GroupedHelp(click.Command):
    """A command whose help shows its options in GROUPS."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write each group that this command has, then the other options."""
        records = {
            parameter.name: record
            for parameter in self.get_params(ctx)
            if isinstance(parameter, click.Option)  # the usage line has the arguments
            and (record := parameter.get_help_record(ctx)) is not None
        }
        for title, names in GROUPS.items():
            rows = [records.pop(name) for name in names if name in records]
            if rows:
                with formatter.section(title):
                    formatter.write_dl(rows)
        if records:
            with formatter.section("Options"):
                formatter.write_dl(list(records.values()))


def examples(formatter: click.HelpFormatter) -> None:
    """Write an example for each of the main uses."""
    with formatter.section("Examples"):
        formatter.write_dl(EXAMPLES)


class CheckedCommand(GroupedHelp):
    """A command that does not repeat what it cannot take."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        ctx.allow_extra_args = True
        rest = super().parse_args(ctx, args)
        if rest:
            ctx.fail(f"There are {len(rest)} words more than it takes.")
        return rest


class CommandGroup(GroupedHelp, click.Group):
    """A group that knows what a file name in the place of a command means."""

    command_class = CheckedCommand

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Examples first, then options and commands."""
        examples(formatter)
        GroupedHelp.format_options(self, ctx, formatter)
        self.format_commands(ctx, formatter)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0]
        if self.get_command(ctx, name) is None and Path(name).is_file():
            ctx.fail(
                f"{safe(name, 100)} is a file and no command: type 'netcheck pcap FILE' or"
                " 'netcheck case FILE'."
            )
        if self.get_command(ctx, name) is None:
            names = self.list_commands(ctx)
            ctx.fail(f"There is no command{unknown(name, names)} there are: {', '.join(names)}.")
        return super().resolve_command(ctx, args)
