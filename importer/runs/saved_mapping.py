"""The mapping file that ``--save-mapping`` writes."""

from __future__ import annotations

from importer.errors import SettingsError
from importer.files import write_atomic
from importer.runs.mapping_index import remember_mapping
from importer.runs.run import ImportRun


def save_mapping(run: ImportRun) -> None:
    """Write the mapping file that the settings ask for, and remember its columns. Raises SettingsError."""
    path = run.settings.save_mapping
    if path is None:
        return
    path = path.absolute()
    try:
        write_atomic(path, run.prepared.mapping_file)
        remember_mapping(run.context, run.prepared.mapping.columns, path)
    except OSError as error:
        raise SettingsError(f"--save-mapping {path}: cannot be written ({error.strerror})") from error
    run.observer.on_note(f"columns and answers are saved: use --mapping {path} for the next file of this layout")
