"""A report of ours that comes back with corrections: which run it is of, and its rows as that run knew them."""

from importer.reimport.detect import Reimport, detect_reimport
from importer.reimport.original_settings import reuse_mapping, reuse_settings
from importer.reimport.target_operation import adopt_operation

__all__ = ["Reimport", "adopt_operation", "detect_reimport", "reuse_mapping", "reuse_settings"]
