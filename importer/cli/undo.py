"""``contact-importer undo``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from importer.cli.options import reopening_options
from importer.cli.output import echo, echo_json, one_line
from importer.cli.reopen import reopen_settings
from importer.cli.startup import fast_imports, import_sending
from importer.errors import ExitCode, SettingsError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from importer.runs.undo import CreatedContact, UndoPlan

MOST_SHOWN = 5


@click.command()
@click.argument("run")
@click.option(
    "--even-changed", is_flag=True, help="Also delete and restore contacts that have changed since at the vendor."
)
@click.option(
    "--output",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Folder for the reports.  [default: ./undo-<run>-<run id>/]",
)
@reopening_options
@click.pass_context
def undo(ctx: click.Context, /, run: str, *, even_changed: bool, **chosen: Any) -> None:
    """Delete the contacts that RUN created; restore what it updated.

    Shows what would be deleted and restored, and asks. Contacts that have changed since at the vendor stay. Afterwards
    the same file can be imported again. After a crash, or for what stayed, write the same command again: nothing is
    deleted twice.

    Old values are known after --match update-existing or update-only. Where the vendor documents no deletion, undo.csv
    lists the contacts for somebody to delete by hand.
    """
    with fast_imports():
        import_sending()
        from importer.cli.observers import make_observer
        from importer.cli.summary_text import print_summary
        from importer.pipeline import undo_run
        from importer.reporting import summary_json
        from importer.runs.undo import write_ids

    run_id, settings = reopen_settings(run, chosen)
    with make_observer(chosen, ask=not chosen["yes"]) as observer:  # it asks before the first contact is deleted
        plan, summaries = undo_run(
            run_id, settings, lambda plan: _show(plan, is_sure=chosen["yes"]), observer, even_changed=even_changed
        )
    if len(summaries) > 1 and chosen["as_json"]:
        echo_json([summary_json(summary) for summary in summaries])
    else:
        for summary in summaries:
            print_summary(summary, chosen)
    file = None
    if plan.delete is None and plan.contacts:
        folder = chosen["output"] or Path(f"undo-{plan.run}")
        file = write_ids(plan.contacts, folder / "undo.csv", plan.documentation)
    if summaries:
        if file is not None:
            echo(f"{_contacts(len(plan.contacts))} to delete by hand: {file}", err=True)
        ctx.exit(int(max((*(summary.exit_code for summary in summaries), *([ExitCode.NEEDS_REVIEW] if file else [])))))
    code = ExitCode.NEEDS_REVIEW if file or plan.kept else ExitCode.DONE
    _print_nothing_deleted(plan, file, code, chosen)
    ctx.exit(int(code))


def _show(plan: UndoPlan, *, is_sure: bool) -> bool:
    """Show the plan, and return True. Raises SettingsError where nobody is sure, and nobody can be asked."""
    if not is_sure:
        echo("\n".join(_describe(plan)), err=True)
        if not (sys.stdin.isatty() and sys.stderr.isatty()):
            raise SettingsError("undo deletes and changes contacts: without a terminal, say --yes")
    return True


def _describe(plan: UndoPlan) -> list[str]:
    lines = []
    if plan.contacts or not plan.restored:
        verb = "would be deleted" if plan.delete is not None else "are to be deleted by hand"
        lines += [f"Run {plan.run} created {_contacts(len(plan.contacts))} that {verb}:", *_list(plan.contacts)]
    if plan.gone:
        alone = "is left alone" if len(plan.gone) == 1 else "are left alone"
        lines.append(f"{_contacts(len(plan.gone))} that it created can no longer be found, and {alone}.")
    if plan.restored:
        lines.append(f"Run {plan.run} updated {_contacts(len(plan.restored))} that would get their old values back.")
    if plan.partly_restored:
        keep = "keeps" if plan.partly_restored == 1 else "keep"
        lines.append(
            f"Where a field was empty before, {_contacts(plan.partly_restored)} of them {keep} the new value: "
            f"{plan.vendor} documents no way to empty it."
        )
    if plan.kept:
        stay = "stays: it differs" if len(plan.kept) == 1 else "stay: they differ"
        lines += [f"{_contacts(len(plan.kept))} {stay} from what was sent (--even-changed):"]
        lines += _list(plan.kept)
    elif not plan.compared:
        lines.append("Whether they have changed since is not looked at.")
    if plan.updated:
        lines.append(
            f"{_contacts(plan.updated)} that the run updated stay as they are: their old values are not known."
        )
    if plan.uncertain:
        rows = f"{plan.uncertain:,} row{'' if plan.uncertain == 1 else 's'}"
        lines.append(f"{rows} may have been created: contact-importer resolve {plan.run} finds out.")
    return lines


def _list(contacts: Sequence[CreatedContact]) -> list[str]:
    more = len(contacts) - MOST_SHOWN
    shown = [one_line(f"  row {entry.row}: {entry.shown or entry.vendor_id}") for entry in contacts[:MOST_SHOWN]]
    return [*shown, *([f"  … and {more:,} more"] if more > 0 else [])]


def _print_nothing_deleted(plan: UndoPlan, file: Path | None, code: ExitCode, chosen: dict[str, Any]) -> None:
    if chosen["as_json"]:
        echo_json(
            {
                "run": plan.run,
                "exit_code": int(code),
                "contacts": len(plan.contacts),
                "kept": len(plan.kept),
                "file": str(file) if file else None,
            }
        )
    if chosen["as_json"] or chosen["quiet"]:
        return
    if file is not None:
        count = _contacts(len(plan.contacts))
        echo(f"{plan.vendor} documents no way to delete a contact. {count} to delete by hand:\n  {file}")
        if plan.documentation:
            echo(f"The vendor's documentation: {plan.documentation}")
        return
    echo("Nothing is left to delete." if not plan.kept else "\n".join(_describe(plan)[1:]))


def _contacts(count: int) -> str:
    return f"{count:,} contact{'' if count == 1 else 's'}"
