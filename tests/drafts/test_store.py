"""Files on their way: kept whole, found again, gone when they are removed."""

from __future__ import annotations

import stat
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from importer.drafts.draft import Choices, Draft, safe_name
from importer.drafts.saved_mappings import SavedMappings
from importer.drafts.store import DraftStore
from importer.errors import SettingsError
from importer.settings import Correction


def begun(drafts: DraftStore, name: str = "leads.csv") -> Draft:
    """A draft whose file is there."""
    draft = drafts.begin(name, "iclosed", "create")
    draft.file.write_text("Email\n")
    drafts.keep(draft)
    return draft


def test_a_file_is_no_draft_before_all_of_it_is_there(tmp_path: Path) -> None:
    drafts = DraftStore(tmp_path)
    draft = drafts.begin("leads.csv", "iclosed", "create")

    assert drafts.every() == []
    assert drafts.sweep(draft.created - 60) == 0
    drafts.sweep(draft.created + 60)
    assert not draft.folder.exists()


def test_what_is_changed_in_another_window_is_neither_corrected_nor_imported(tmp_path: Path) -> None:
    drafts = DraftStore(tmp_path)
    draft = begun(drafts)
    seen = drafts.change(draft.id, checked=0, reported=draft.state)
    drafts.choose(draft.id, Choices(limit=1))

    with pytest.raises(SettingsError, match="another window"):
        drafts.correct(draft.id, Correction(2, 0, "x"), (2, 0), seen.revision)
    with pytest.raises(SettingsError, match="another window"):
        drafts.start(draft.id, seen.state)


def test_what_is_being_imported_is_not_changed_any_more(tmp_path: Path) -> None:
    drafts = DraftStore(tmp_path)
    draft = begun(drafts)
    drafts.change(draft.id, checked=0, reported=draft.state)
    drafts.start(draft.id, draft.state)

    for change in (
        lambda: drafts.choose(draft.id, Choices(limit=1)),
        lambda: drafts.correct(draft.id, Correction(2, 0, "x"), (2, 0)),
        lambda: drafts.start(draft.id, draft.state),
    ):
        with pytest.raises(SettingsError, match="has been imported"):
            change()
    drafts.set_run(draft.id, None)
    assert drafts.choose(draft.id, Choices(limit=1)).choices.limit == 1


def test_a_file_is_used_again_with_what_was_chosen(tmp_path: Path) -> None:
    drafts = DraftStore(tmp_path)
    draft = begun(drafts)
    drafts.choose(draft.id, Choices(region="MA"), 'email = "Email"\n')
    drafts.correct(draft.id, Correction(2, 0, "x"), (2, 0))
    first = drafts.change(draft.id, run="20261121-000000-aaaa", practice=True, checked=1)

    other = drafts.copy(first)

    assert other.id != first.id
    assert (other.run, other.practice, other.is_checked) == (None, False, False)
    assert (other.choices, other.corrections) == (first.choices, first.corrections)
    assert other.file.read_text() == "Email\n"
    assert other.mapping.read_text() == 'email = "Email"\n'
    assert drafts.get(other.id) == other


def test_a_draft_is_the_same_after_a_restart(tmp_path: Path) -> None:
    drafts = DraftStore(tmp_path)
    draft = begun(drafts, "leads.csv")
    drafts.choose(draft.id, Choices(region="MA", date_order="dmy", limit=3), 'email = "Mail"\n')
    changed = drafts.correct(draft.id, Correction(3, 1, "ana@example.com"), (3, 1))

    assert DraftStore(tmp_path).get(draft.id) == changed
    assert DraftStore(tmp_path).every() == [changed]
    settings = changed.settings(tmp_path, tmp_path / "out")
    assert (settings.region, settings.date_order, settings.limit) == ("MA", "dmy", 3)
    assert settings.mapping == changed.mapping
    assert settings.corrections == (Correction(3, 1, "ana@example.com"),)


def test_the_last_correction_of_a_cell_counts_and_can_be_taken_back(tmp_path: Path) -> None:
    drafts = DraftStore(tmp_path)
    draft = begun(drafts, "leads.csv")

    for text in ("a", "b"):
        drafts.correct(draft.id, Correction(3, 1, text), (3, 1))
    other = drafts.correct(draft.id, Correction(4, 1, "c"), (4, 1))
    assert other.corrections == (Correction(3, 1, "b"), Correction(4, 1, "c"))

    assert drafts.correct(draft.id, None, (3, 1)).corrections == (Correction(4, 1, "c"),)


def test_what_was_checked_is_known_by_what_was_chosen_and_corrected(tmp_path: Path) -> None:
    drafts = DraftStore(tmp_path)
    draft = begun(drafts, "leads.csv")
    draft = drafts.change(draft.id, checked=draft.revision, reported=draft.state)
    assert draft.is_checked
    assert draft.is_reported

    corrected = drafts.correct(draft.id, Correction(3, 1, "x"), (3, 1))
    assert corrected.is_checked
    assert not corrected.is_reported
    assert drafts.correct(draft.id, None, (3, 1)).is_reported
    assert not drafts.choose(draft.id, draft.choices).is_checked


def test_another_sheet_or_header_has_no_corrections(tmp_path: Path) -> None:
    drafts = DraftStore(tmp_path)
    draft = begun(drafts, "leads.xlsx")
    drafts.correct(draft.id, Correction(3, 1, "x"), (3, 1))

    assert drafts.choose(draft.id, replace(draft.choices, region="MA")).corrections != ()
    assert drafts.choose(draft.id, replace(draft.choices, sheet="Other")).corrections == ()


def test_corrections_from_several_threads_are_all_kept(tmp_path: Path) -> None:
    drafts = DraftStore(tmp_path)
    draft = begun(drafts, "leads.csv")

    def correct(first: int) -> None:
        for row in range(first, first + 20):
            drafts.correct(draft.id, Correction(row, 0, str(row)), (row, 0))

    threads = [threading.Thread(target=correct, args=(start,)) for start in (0, 100, 200, 300)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(drafts.get(draft.id).corrections) == 80


def test_its_folder_and_files_are_its_owners_alone(tmp_path: Path) -> None:
    draft = begun(DraftStore(tmp_path))

    assert stat.S_IMODE(draft.folder.stat().st_mode) & 0o077 == 0
    assert stat.S_IMODE((draft.folder / "draft.json").stat().st_mode) == 0o600


def test_a_removed_draft_is_gone(tmp_path: Path) -> None:
    drafts = DraftStore(tmp_path)
    draft = begun(drafts, "leads.csv")

    drafts.remove(draft.id)

    assert not draft.folder.exists()
    with pytest.raises(SettingsError, match="upload it again"):
        drafts.get(draft.id)


@pytest.mark.parametrize("draft_id", ["", "..", "../../etc", "0" * 15, "0" * 17, "G" * 16])
def test_an_id_that_is_none_is_not_looked_for(tmp_path: Path, draft_id: str) -> None:
    with pytest.raises(SettingsError):
        DraftStore(tmp_path).get(draft_id)


@pytest.mark.parametrize("content", ["", "{", "[]", '{"name": "x"}'])
def test_a_damaged_draft_is_left_out(tmp_path: Path, content: str) -> None:
    drafts = DraftStore(tmp_path)
    good = begun(drafts, "good.csv")
    bad = begun(drafts, "bad.csv")
    (bad.folder / "draft.json").write_text(content)

    assert drafts.every() == [good]


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("leads.csv", "leads.csv"),
        ("Été 2026 – contacts.xlsx", "Été 2026 – contacts.xlsx"),
        ("../../etc/passwd.csv", "passwd.csv"),
        ("C:\\Users\\ana\\leads.csv", "leads.csv"),
        ("a\x00b\n.csv", "a_b_.csv"),
        ("..", "contacts"),
        ("", "contacts"),
        (" .hidden. ", "hidden"),
        ("\u202evsc.sdael", "_vsc.sdael"),
    ],
)
def test_a_name_leads_nowhere_and_stays_readable(name: str, safe: str) -> None:
    assert safe_name(name) == safe


def test_a_long_name_keeps_its_ending() -> None:
    found = safe_name("é" * 500 + ".csv.gz")

    assert found.endswith(".gz")
    assert len(found.encode()) <= 120


def test_saved_mappings_are_a_vendors_own(tmp_path: Path) -> None:
    mappings = SavedMappings(tmp_path)
    mappings.save("iclosed", "create", "../leads/2026", 'email = "Mail"\n')

    assert mappings.names("iclosed", "create") == ["_leads_2026"]
    assert mappings.text("iclosed", "create", "_leads_2026") == 'email = "Mail"\n'
    assert mappings.names("cleartalk", "create") == []
    with pytest.raises(SettingsError, match="no longer exists"):
        mappings.text("iclosed", "create", "../iclosed-create/2026")
