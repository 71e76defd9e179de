"""Commands that are imported when they are used: ``--help`` and each command load nothing of the others."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, MutableMapping
from importlib import import_module
from typing import Any

import click

Sections = Mapping[str, Mapping[str, str]]


class LazyCommands(MutableMapping[str, click.Command]):
    """The commands by name: ``run`` is the ``run`` of ``importer.cli.run``, unless ``modules`` names another module."""

    def __init__(self, names: Iterable[str], modules: Mapping[str, str]) -> None:
        self._loaded: dict[str, click.Command | None] = dict.fromkeys(names)
        self._modules = modules

    def __getitem__(self, name: str) -> click.Command:
        command = self._loaded[name]
        if command is None:
            module = import_module(f"importer.cli.{self._modules.get(name, name)}")
            command = self._loaded[name] = getattr(module, name)
        return command

    def __setitem__(self, name: str, command: click.Command) -> None:
        self._loaded[name] = command

    def __delitem__(self, name: str) -> None:
        del self._loaded[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._loaded)

    def __len__(self) -> int:
        return len(self._loaded)


class SectionedGroup(click.Group):
    """A group whose help lists its commands in sections, by the summaries given here and without loading any."""

    def __init__(self, *args: Any, sections: Sections, modules: Mapping[str, str], **more: Any) -> None:
        names = [name for summaries in sections.values() for name in summaries]
        super().__init__(*args, **more)
        self.commands = LazyCommands(names, modules)
        self.sections = sections

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's signature
        """Write a section for each."""
        for title, summaries in self.sections.items():
            with formatter.section(title):
                formatter.write_dl(list(summaries.items()))
