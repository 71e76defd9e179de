"""``contact-importer resolve``."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

import click

from importer.cli.options import reopening_options
from importer.cli.settings_file_command import key_source
from importer.cli.startup import fast_imports

if TYPE_CHECKING:
    from importer.runs.resolve import ManualVerdict


@click.command()
@click.argument("run")
@click.option(
    "--mark",
    "marks",
    nargs=2,
    type=(str, int),
    multiple=True,
    metavar="created=ID|absent ROW",
    help="Say what you found out about a row. Can be repeated.",
)
@click.option("--resend-absent", is_flag=True, help="Send the rows that the vendor has been asked for twice in vain.")
@click.option("--ask-anyway", is_flag=True, help="Ask, too, where the vendor does not document how (iClosed).")
@click.option(
    "--settle",
    type=click.FloatRange(min=0),
    default=30.0,
    show_default=True,
    metavar="S",
    help="Seconds after which a contact that was made must be visible.",
)
@reopening_options
@click.pass_context
def resolve(ctx: click.Context, /, run: str, **chosen: Any) -> None:
    """Settle the uncertain rows of RUN: ask the vendor, where it can be asked, and write the reports again.

    A row that the vendor has, as it was sent and from when it was sent, is created. One that it does not have, at two
    looks, can be sent with --resend-absent. Every other one stays uncertain and says why; --mark settles it.
    """
    with fast_imports():
        import_module("importer.sending.session")
        from importer.cli.observers import make_observer
        from importer.cli.summary_text import print_summary
        from importer.config.api_keys import find_key
        from importer.pipeline import resolve_run
        from importer.runs.reopen import find_run
        from importer.runs.resolve import ResolveOptions
        from importer.settings import Settings

    record = find_run(run, chosen["state_dir"])
    key = find_key(record.vendor, chosen["api_key_file"], key_source(record.vendor, chosen["config"]))
    settings = Settings(
        record.vendor, state_dir=chosen["state_dir"], api_key=key.key if key else None, notify=chosen["notify"]
    )
    wishes = ResolveOptions(
        tuple(_mark(text, row) for text, row in chosen["marks"]),
        resend_absent=chosen["resend_absent"],
        ask_anyway=chosen["ask_anyway"],
        settle_seconds=chosen["settle"],
    )
    with make_observer(chosen, ask=not chosen["yes"]) as observer:
        summary = resolve_run(record.id, settings, wishes, observer)
    print_summary(summary, chosen)
    ctx.exit(int(summary.exit_code))


def _mark(text: str, row: int) -> ManualVerdict:
    from importer.runs.resolve import ManualVerdict

    state, sign, vendor_id = text.partition("=")
    if text == "absent":
        return ManualVerdict(row, "absent")
    if state == "created" and sign and vendor_id.strip():
        return ManualVerdict(row, "created", vendor_id.strip())
    raise click.BadParameter(f"{text!r} is neither created=ID nor absent", param_hint="--mark")
