"""``contact-importer resolve``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from importer.cli.options import reopening_options
from importer.cli.parameter_types import Duration
from importer.cli.reopen import reopen_settings
from importer.cli.startup import fast_imports, import_sending

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
    help="Record what you know about a row. Can be repeated.",
)
@click.option("--resend-absent", is_flag=True, help="Send the rows that the vendor did not have in two look-ups.")
@click.option("--ask-anyway", is_flag=True, help="Also ask vendors that do not document how.")
@click.option(
    "--settle",
    type=Duration(default_unit="s"),
    default=30.0,
    show_default=True,
    metavar="S",
    help="Time after which a created contact must be visible: seconds, or 1m.",
)
@reopening_options
@click.pass_context
def resolve(ctx: click.Context, /, run: str, **chosen: Any) -> None:
    """Resolve the uncertain rows of RUN.

    The vendor is asked, where it can be asked, and the reports are written again. A row is created when the vendor has
    the contact as it was sent, from the time it was sent. A row that is absent in two look-ups can be sent with
    --resend-absent. Any other row stays uncertain, with the reason; use --mark for it.
    """
    with fast_imports():
        import_sending()
        from importer.cli.observers import make_observer
        from importer.cli.summary_text import print_summary
        from importer.pipeline import resolve_run
        from importer.runs.resolve import ResolveOptions

    run_id, settings = reopen_settings(run, chosen)
    options = ResolveOptions(
        tuple(_parse_mark(text, row) for text, row in chosen["marks"]),
        resend_absent=chosen["resend_absent"],
        ask_anyway=chosen["ask_anyway"],
        settle_seconds=chosen["settle"],
    )
    with make_observer(chosen, ask=not chosen["yes"]) as observer:
        summary = resolve_run(run_id, settings, options, observer)
    print_summary(summary, chosen)
    ctx.exit(int(summary.exit_code))


def _parse_mark(text: str, row: int) -> ManualVerdict:
    from importer.runs.resolve import ManualVerdict

    state, sign, vendor_id = text.partition("=")
    if text == "absent":
        return ManualVerdict(row, "absent")
    if state == "created" and sign and vendor_id.strip():
        return ManualVerdict(row, "created", vendor_id.strip())
    raise click.BadParameter(f"{text!r} is neither created=ID nor absent", param_hint="--mark")
