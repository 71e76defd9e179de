"""A report of ours that comes back with corrections: which run it is of, and its rows as that run knew them."""

from importer.returning.again import mapping_again, settings_again
from importer.returning.meant import as_meant
from importer.returning.returned import Returned, returned

__all__ = ["Returned", "as_meant", "mapping_again", "returned", "settings_again"]
