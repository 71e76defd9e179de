"""``contact-importer sandbox``."""

from __future__ import annotations

import click

from importer.cli.output import echo
from importer.cli.parameter_types import Duration
from importer.errors import SettingsError


@click.command()
@click.option(
    "--vendor",
    "names",
    multiple=True,
    metavar="NAME",
    help="Serve only this vendor: a name or a document. Can be repeated.",
)
@click.option("--port", type=click.IntRange(0, 65535), default=8808, show_default=True, help="0 takes a free one.")
@click.option(
    "--fault",
    "faults",
    multiple=True,
    metavar="SPEC",
    help="A fault, such as apply-close:p=0.02 or 429:rate=20/s. Can be repeated; an unknown one lists all.",
)
@click.option(
    "--latency", type=Duration(), default="0ms", show_default=True, metavar="50ms", help="Delay before each answer."
)
@click.option("--seed", type=int, metavar="N", help="Seed of the faults: the same requests meet the same faults.")
def sandbox(names: tuple[str, ...], port: int, faults: tuple[str, ...], latency: float, seed: int | None) -> None:
    """Serve copies of the vendors' APIs on this machine.

    GET /_contacts shows the contacts they received, GET /_requests how many requests met which fault. Any key is
    accepted. Contacts are kept until the sandbox ends (Ctrl-C).
    """
    from importer.sandbox.app import build_app
    from importer.sandbox.faults import parse_fault
    from importer.sandbox.server import HOST, listen, serve
    from schemas.contract import ContractError, Vendor
    from schemas.registry import load_all, load_vendor

    try:
        loaded = [load_vendor(name) for name in names]
    except ContractError as error:
        raise SettingsError(str(error)) from error
    vendors = loaded or [vendor for _, vendor in load_all() if isinstance(vendor, Vendor)]
    wanted = [parse_fault(text) for text in faults]
    listening = listen(port)
    address = f"http://{HOST}:{listening.getsockname()[1]}"
    for vendor in vendors:
        echo(f"{vendor.name:<11} --base-url {address}/{vendor.name}")
    echo(f"contacts    {address}/_contacts")
    serve(build_app(vendors, latency=latency, faults=wanted, seed=seed), listening)
