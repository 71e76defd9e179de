"""``contact-importer sandbox``."""

from __future__ import annotations

import click


@click.command()
@click.option("--port", type=click.IntRange(0, 65535), default=8808, show_default=True, help="0 takes a free one.")
def sandbox(port: int) -> None:
    """Serve the vendors' APIs on this machine, from the same documents, to try things out.

    GET /_contacts shows what they were sent. Any key is taken; contacts are kept until it ends (Ctrl-C).
    """
    from importer.sandbox.app import build_app
    from importer.sandbox.server import HOST, listen, serve
    from schemas.contract import vendor_names

    listening = listen(port)
    address = f"http://{HOST}:{listening.getsockname()[1]}"
    for name in vendor_names():
        click.echo(f"{name:<11} --base-url {address}/{name}")
    click.echo(f"contacts    {address}/_contacts")
    serve(build_app(), listening)
