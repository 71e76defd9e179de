"""``python -m importer``: the same as the command ``contact-importer``."""

from importer.cli import main

if __name__ == "__main__":
    main()
