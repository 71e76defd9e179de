"""``contact-importer sandbox``."""

from __future__ import annotations

import re
from typing import Any

import click


class Duration(click.ParamType[float]):
    """``50ms``, ``1.5s`` → seconds."""

    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Parse the text, or fail with an example."""
        if isinstance(value, float):
            return value
        found = re.fullmatch(r"(\d+(?:\.\d+)?)(ms|s)", value)
        if not found:
            self.fail(f"{value!r} is not a time such as 50ms or 1.5s", param, ctx)
        return float(found.group(1)) / (1000 if found.group(2) == "ms" else 1)


@click.command()
@click.option("--port", type=click.IntRange(0, 65535), default=8808, show_default=True, help="0 takes a free one.")
@click.option(
    "--fault",
    "faults",
    multiple=True,
    metavar="SPEC",
    help="A fault, such as apply-close:p=0.02 or 429:rate=20/s. Can be repeated; an unknown one lists them all.",
)
@click.option(
    "--latency", type=Duration(), default="0ms", show_default=True, metavar="50ms", help="Before each answer."
)
@click.option("--seed", type=int, metavar="N", help="The same faults at the same requests each time.")
def sandbox(port: int, faults: tuple[str, ...], latency: float, seed: int | None) -> None:
    """Serve the vendors' APIs on this machine, from the same documents, to try things out.

    GET /_contacts shows what they were sent, GET /_requests how many requests met which fault. Any key is taken;
    contacts are kept until it ends (Ctrl-C).
    """
    from importer.sandbox.app import build_app
    from importer.sandbox.faults import parse_fault
    from importer.sandbox.server import HOST, listen, serve
    from schemas.registry import vendor_names

    wanted = [parse_fault(text) for text in faults]
    listening = listen(port)
    address = f"http://{HOST}:{listening.getsockname()[1]}"
    for name in vendor_names():
        click.echo(f"{name:<11} --base-url {address}/{name}")
    click.echo(f"contacts    {address}/_contacts")
    serve(build_app(latency=latency, faults=wanted, seed=seed), listening)
