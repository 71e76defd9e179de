"""Turn the exception that stopped a command into a line of text and an exit code, in this one place."""

from __future__ import annotations

import os
import sys

import click

from importer.errors import ExitCode, ImporterError, InternalError


def run_command(command: click.Command) -> None:
    """Run the command, and exit the process with its exit code."""
    try:
        code = command.main(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(ExitCode.USAGE)
    except (click.Abort, KeyboardInterrupt):
        click.echo("Interrupted.", err=True)
        sys.exit(ExitCode.INTERRUPTED)
    except InternalError as error:
        _print_error(f"internal error: {error}")
        sys.exit(ExitCode.INTERNAL)
    except ImporterError as error:
        _print_error(str(error))
        sys.exit(error.exit_code)
    except BrokenPipeError:
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115, PTH123 - the reader of the pipe is gone, so nothing can be printed
        sys.exit(ExitCode.INTERNAL)
    except Exception as error:
        if os.environ.get("CONTACT_IMPORTER_DEBUG"):
            raise
        _print_error(f"internal error: {type(error).__name__}: {error} (CONTACT_IMPORTER_DEBUG=1 shows where)")
        sys.exit(ExitCode.INTERNAL)
    sys.exit(code if isinstance(code, int) else ExitCode.DONE)


def _print_error(message: str) -> None:
    click.echo(f"Error: {message}", err=True)
