"""The encoding of a text whose letters fit several."""

from __future__ import annotations

from importer.errors import UndecidedEncodingError
from importer.questions.question import Choice, OpenQuestion, Unanswered

KIND = "encoding"


def ask(error: UndecidedEncodingError) -> OpenQuestion:
    """Return the question of the encodings that nothing decides between."""
    pages = [Choice(page, f"{page}: {word}", settings=(("encoding", page),)) for page, word in error.rivals]
    return OpenQuestion(
        KIND,
        "",
        str(error),
        "The file is not UTF-8, and its letters do not tell its encoding for certain. Which of these reads right?",
        Unanswered.STOP,
        choices=tuple(pages),
        proposal=pages[0].answer,
        evidence="its letters fit best",
        accepts="another encoding, such as cp850",
    )


def read(_question: OpenQuestion, text: str) -> Choice:
    """Return the choice of an encoding. Raises ValueError when it is not known."""
    import codecs

    try:
        codecs.lookup(text)
    except LookupError as error:
        raise ValueError(f"there is no encoding {text!r}") from error
    return Choice(text, text, settings=(("encoding", text),))
