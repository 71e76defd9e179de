"""Makes the files that the benchmarks read: 13 columns of an iClosed export, a share of the rows wrong."""

from __future__ import annotations

import random
from pathlib import Path

HEADER = (
    "First Name,Last Name,Email,Phone Number,Status,Tag,Joined Time,Event Name,UTM,Country,Time Zone,"
    "IP Address,Referrer URL\n"
)


def make_csv(path: Path, rows: int, bad: float = 0.02, seed: int = 1, mark: str = "") -> Path:
    """Write ``rows`` made-up contacts; a share ``bad`` of them has a damaged phone or a broken e-mail address;
    ``mark`` makes them other people."""
    dice = random.Random(seed)
    with path.open("w", encoding="utf-8") as file:
        file.write(HEADER)
        for number in range(rows):
            phone, email = f"+1555{number:07d}", f"user{mark}{number}@example.com"
            chance = dice.random()
            if chance < bad / 2:
                phone = "1.55512E+10"
            elif chance < bad:
                email = f"user{number}@"
            file.write(
                f"Jane{number % 1000},Doe{number % 777},{email},{phone},QUALIFIED,lead-2026,"
                f"2024-01-15T10:00:00.000Z,Product Demo,utm_source=google&utm_medium=cpc,US,America/New_York,"
                f"192.0.2.{number % 255},https://example.com/signup/{number}\n"
            )
    return path
