"""The version, where nothing has to be imported to know it."""

VERSION = "0.1.0"
