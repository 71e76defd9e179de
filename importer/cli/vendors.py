"""``contact-importer vendors`` and ``vendors show``; ``own_vendors.py`` has the commands for the user's own."""

from __future__ import annotations

import copy
import json
import textwrap
from typing import TYPE_CHECKING, Any

import click

from importer.cli.output import echo
from importer.cli.own_vendors import add, lint, test
from importer.errors import SettingsError
from schemas.contract import join_path
from schemas.describe import describe_limits

if TYPE_CHECKING:
    from schemas.contract import Operation, Vendor


@click.group(invoke_without_command=True)
@click.pass_context
def vendors(ctx: click.Context) -> None:
    """List the vendors, or show what one takes."""
    if ctx.invoked_subcommand:
        return
    from schemas.contract import ContractError
    from schemas.registry import load_all

    for name, vendor in load_all():
        if isinstance(vendor, ContractError):
            echo(f"{name:<11} cannot be used: {vendor}")
            continue
        where = vendor.base_url or "--base-url is needed"
        echo(f"{name:<11} {', '.join(vendor.operations):<15} {where}")
    echo("\nFields and limits of one: contact-importer vendors show NAME")


vendors.add_command(add)
vendors.add_command(lint)
vendors.add_command(test)


@vendors.command()
@click.argument("vendor", metavar="NAME|FILE.yaml")
def show(vendor: str) -> None:
    """Show a vendor's fields, limits, source document and an example."""
    from schemas.contract import ContractError
    from schemas.registry import load_vendor

    try:
        found = load_vendor(vendor)
    except ContractError as error:
        raise SettingsError(str(error)) from error
    echo("\n".join(_describe_vendor(found)))


def _describe_vendor(vendor: Vendor) -> list[str]:
    lines = [
        vendor.title,
        f"  address     {vendor.base_url or _missing_address(vendor)}",
        f"  key         {_describe_key(vendor)}",
    ]
    lines.append(f"  pace        starts at {vendor.pace.rate:.3g} requests a second, {vendor.pace.concurrency} at once")
    for operation in vendor.operations.values():
        lines += ["", *_describe_operation(operation)]
    return lines


def _missing_address(vendor: Vendor) -> str:
    published = f"; {vendor.published_url} is published" if vendor.published_url else ""
    return f"--base-url or {vendor.base_url_variable} (the document has a placeholder{published})"


def _describe_key(vendor: Vendor) -> str:
    if vendor.security is None:
        return "none"
    places = [
        f"{key.name} in the query" if key.in_query else f"{key.name}: {f'{key.scheme} <key>'.strip()}"
        for key in vendor.security.keys
    ]
    need = "" if vendor.security.required else ", if you have one"
    return f"{vendor.api_key_variable}, sent as {' and '.join(places)}{need}"


def _describe_operation(operation: Operation) -> list[str]:
    lines = [f"{operation.name}: {operation.method} {operation.path}", f"  source: {operation.document}", ""]
    for field in operation.fields:
        need = "required" if field.required else "optional"
        name = field.path + (".<name>" if field.open else "")
        lines.append(f"  {name:<26} {need:<9} {describe_limits(field)}".rstrip())
        if field.aliases:
            lines += _wrap(f"also found as: {', '.join(field.aliases)}")
        if field.parts_known_as:
            lines += _wrap(f"or put together from: {' + '.join(names[0] for names in field.parts_known_as)}")
    if not operation.identity:
        lines.append("  no identity is given: a contact that was sent before with other values is not recognized")
    lines += [
        f"  sent without a column: {join_path(entry.parts)} = {json.dumps(entry.value)}"
        for entry in operation.constants
    ]
    if operation.left_out:
        lines += _wrap(
            f"left out, because no cell can hold it: {', '.join(entry.path for entry in operation.left_out)}"
        )
    if operation.at_least:
        lines.append(f"  at least {operation.at_least} of them must be there")
    if operation.then:
        step = operation.then.operation
        lines.append(f"  second step, once for each contact: {step.name}: {step.method} {step.path}")
    if operation.clear:
        lines.append(f"  a cell that says {operation.clear} empties the field; a blank one leaves it as it is")
    return [*lines, "", "  example body:", *_indent(_example(operation))]


def _wrap(text: str) -> list[str]:
    margin = " " * 39
    return textwrap.wrap(text, 118, initial_indent=margin, subsequent_indent=margin, break_on_hyphens=False)


def _example(operation: Operation) -> Any:
    from importer.sending.payload import put_value, unwrap_list

    body: dict[str, Any] = {}
    for entry in operation.constants:
        if entry.within is None:
            put_value(body, entry.parts, copy.deepcopy(entry.value))
    for field in operation.body_fields:
        value = field.example if field.example is not None else (field.limits.enum or [None])[0]
        value = {} if value is None and field.open and field.required else value
        if value is not None:
            put_value(body, (*operation.envelope, *field.parts), value)
    return unwrap_list(body)


def _indent(body: Any) -> list[str]:
    return [f"  {line}" for line in json.dumps(body, ensure_ascii=False, indent=2).splitlines()]
