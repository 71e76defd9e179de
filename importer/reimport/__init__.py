"""A report of ours that comes back with corrections: which run it is of, and its rows as that run knew them."""

from importer.reimport.detect import Returned, returned
from importer.reimport.original_settings import mapping_again, settings_again
from importer.reimport.target_operation import as_meant

__all__ = ["Returned", "as_meant", "mapping_again", "returned", "settings_again"]
