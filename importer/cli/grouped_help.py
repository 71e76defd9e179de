"""Help of commands with many options: in groups, the everyday ones on one screen, all of them with ``--help-all``."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable
from typing import Any

import click

# The group of an option, by the name of its parameter; ``import_options`` fills it in.
GROUP_BY_NAME: dict[str, str] = {}
# The options that the short help explains. It names the others.
EVERYDAY = frozenset({
    "vendor", "base_url", "api_key_file", "sandbox", "where", "mapping", "columns", "constants", "save_mapping",
    "region", "timezone", "date_order", "yes", "output", "job",
})  # fmt: skip
SHOW_ALL = "help_all"
_OWN_GROUP, _HELP = "Options", "Help"
_WHOLE_GROUPS = (_OWN_GROUP, _HELP)


class GroupedHelpCommand(click.Command):
    """A command whose help shows options in groups, all of them explained with ``--help-all``."""

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        if any(parameter.name in GROUP_BY_NAME for parameter in self.params):
            self.params.append(
                click.Option(
                    ["--help-all"],
                    is_flag=True,
                    is_eager=True,
                    expose_value=False,
                    callback=_print_all,
                    help="Explain every option.",
                )
            )

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write a section for each group. In the short help, a group ends with the names of its other options."""
        explains_all = bool(ctx.meta.get(SHOW_ALL))
        for title, options in self._groups(ctx).items():
            shown = [option for option in options if explains_all or title in _WHOLE_GROUPS or option.name in EVERYDAY]
            rest = [option for option in options if option not in shown]
            with formatter.section(title):
                if shown:
                    formatter.write_dl([record for option in shown if (record := option.get_help_record(ctx))])
                if rest:
                    formatter.write(_list_names(rest, formatter))

    def _groups(self, ctx: click.Context) -> dict[str, list[click.Option]]:
        """Return the options by group: first the command's own, then the shared ones, then those about help."""
        groups: dict[str, list[click.Option]] = {_OWN_GROUP: []}
        about_help = []
        for parameter in self.get_params(ctx):
            if not isinstance(parameter, click.Option) or parameter.hidden:
                continue
            if parameter.name == SHOW_ALL or parameter is self.get_help_option(ctx):
                about_help.append(parameter)
            else:
                groups.setdefault(GROUP_BY_NAME.get(parameter.name or "", _OWN_GROUP), []).append(parameter)
        groups[_HELP] = about_help
        return {title: options for title, options in groups.items() if options}


def _list_names(options: Iterable[click.Option], formatter: click.HelpFormatter) -> str:
    """Return the names of options, wrapped."""
    margin = " " * (formatter.current_indent)
    names = ", ".join(option.opts[0] for option in options)
    text = textwrap.fill(
        f"Also: {names}",
        formatter.width,
        initial_indent=margin,
        subsequent_indent=f"{margin}      ",
        break_on_hyphens=False,
        break_long_words=False,
    )
    return f"{text}\n"


def _print_all(ctx: click.Context, _: click.Parameter, value: bool) -> None:  # noqa: FBT001 - click's signature
    """Print the help with every option explained, and end."""
    if not value or ctx.resilient_parsing:
        return
    ctx.meta[SHOW_ALL] = True
    click.echo(ctx.get_help(), color=ctx.color)
    ctx.exit()
