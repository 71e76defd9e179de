"""``contact-importer vendors add``, ``lint`` and ``test``: a vendor from its own OpenAPI document."""

from __future__ import annotations

import os
from pathlib import Path
from textwrap import shorten
from typing import TYPE_CHECKING

import click

from importer.cli.output import echo
from importer.errors import SettingsError

if TYPE_CHECKING:
    from schemas.contract import Vendor

MOST_LISTED = 15
LONGEST_SUMMARY = 70


@click.command()
@click.argument("document", metavar="FILE|URL")
@click.option("--operation", metavar="'POST /contacts'", help="The operation to use.  [default: list them]")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The overlay to write.  [default: NAME.yaml beside the document]",
)
def add(document: str, operation: str | None, output: Path | None) -> None:
    """Make a vendor from its OpenAPI document.

    Lists the operations, or writes the overlay of one. The document stays as it is. The overlay says what OpenAPI
    cannot, and marks what is guessed.
    """
    from schemas.contract import ContractError
    from schemas.overlay_draft import draft_overlay, list_candidates

    file = Path(document)
    if document.startswith("https://"):
        from importer.sending.document_download import download_document

        file = download_document(document, output.parent if output else Path())
    try:
        candidates = list_candidates(file)
        if operation is None:
            if not candidates:
                raise SettingsError(f"{file}: no operation has a body, so no row can be sent to it")
            echo(f"{file} has {counted(len(candidates), 'operation')} with a body, the likeliest first:")
            for candidate in candidates[:MOST_LISTED]:
                echo(f"  {candidate.name:<44} {shorten(candidate.summary, LONGEST_SUMMARY, placeholder=' …')}".rstrip())
            if len(candidates) > MOST_LISTED:
                echo(f"  … and {len(candidates) - MOST_LISTED} more")
            echo(f"\nTo use one: contact-importer vendors add {document} --operation '{candidates[0].name}'")
            return
        method, _, path = operation.strip().partition(" ")
        target = output or file.with_name(f"{_name_of(file)}.yaml")
        if target.exists():
            raise SettingsError(f"{target} exists already", remedy="; name another file with --output, or delete it")
        draft = draft_overlay(file, method.lower(), path.strip(), target.stem, os.path.relpath(file, target.parent))
    except ContractError as error:
        raise SettingsError(str(error)) from error
    target.write_text(draft.text, encoding="utf-8")
    fields, left_out = len(draft.operation.fields), len(draft.operation.left_out)
    echo(f"Wrote {target}: {counted(fields, 'field')}, {counted(left_out, 'part')} left out.")
    for question in draft.questions:
        echo(f"To answer there: {question}")
    echo(f"Next: contact-importer vendors lint {target}, then vendors test {target}")


@click.command()
@click.argument("vendor", metavar="NAME|FILE.yaml")
def lint(vendor: str) -> None:
    """Report everything in a vendor's document that deserves a look."""
    from schemas.contract import ContractError
    from schemas.lint import list_remarks
    from schemas.registry import load_vendor

    try:
        found = load_vendor(vendor)
    except ContractError as error:
        raise SettingsError(str(error)) from error
    groups: dict[str, list[str]] = {}
    for remark in list_remarks(found):
        groups.setdefault(remark.group, []).append(f"{remark.place}: {remark.text}" if remark.place else remark.text)
    for group, texts in groups.items():
        echo(f"{group} ({len(texts)})")
        for text in texts:
            echo(f"  {text}")
    echo("Nothing to remark." if not groups else "\ndocs/vendors.md says what each means.")


@click.command()
@click.argument("vendor", metavar="NAME|FILE.yaml")
@click.option("--base-url", metavar="URL", help="Send to this address instead of the sandbox: real contacts are made.")
@click.option("--api-key-file", type=click.Path(path_type=Path, dir_okay=False), help="The key for --base-url.")
def test(vendor: str, base_url: str | None, api_key_file: Path | None) -> None:
    """Send two sample rows to a sandbox made from the document."""
    import secrets
    import tempfile
    from dataclasses import replace

    from importer.cli.summary_text import problem_lines
    from importer.pipeline import run_import
    from importer.sandbox.app import build_app
    from importer.sandbox.server import running
    from importer.settings import Settings
    from schemas.contract import ContractError
    from schemas.registry import load_vendor
    from schemas.samples import sample_rows

    try:
        found = load_vendor(vendor)
    except ContractError as error:
        raise SettingsError(str(error)) from error
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "sample.csv"
        operation = next(iter(found.operations.values()))
        file.write_text(sample_rows(operation), encoding="utf-8")
        settings = Settings(
            vendor,
            operation=operation.name,
            output=Path(folder) / "out",
            state_dir=Path(folder) / "state",
            timezone="UTC",
        )
        if base_url:
            key = api_key_file.read_text(encoding="utf-8").strip() if api_key_file else _key_from_environment(found)
            summary = run_import(file, replace(settings, base_url=base_url, api_key=key))
        else:
            with running(build_app([found])) as address:
                url, key = f"{address}/{found.name}", found.practice_key(f"sandbox{secrets.token_hex(8)}")
                summary = run_import(file, replace(settings, base_url=url, api_key=key))
        counts = ", ".join(f"{count} {status}" for status, count in summary.counts.items() if count)
        echo(f"{found.title}: {summary.rows} sample rows: {counts}")
        if summary.exit_code:
            for line in problem_lines(summary):
                echo(line)
            raise SettingsError(
                "the sample rows were not all taken; correct the overlay, or the vendor's document in it"
            )


def _key_from_environment(vendor: Vendor) -> str | None:
    return os.environ.get(vendor.api_key_variable)


def counted(count: int, noun: str) -> str:
    """Return a count with its noun: ``1 field``, ``2 fields``."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def _name_of(file: Path) -> str:
    return f"{file.stem}-vendor" if file.suffix in (".yaml", ".yml") else file.stem
