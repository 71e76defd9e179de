"""iClosed's contact as a pydantic 2 model, and checking rows with it."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Protocol, Self

from pydantic import (
    AnyUrl,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    UrlConstraints,
    ValidationError,
    model_validator,
)

from tests.benchmarks.contenders.rules import EMAIL, PHONE, TIME

Email = Annotated[str, StringConstraints(max_length=255, pattern=EMAIL)]
Phone = Annotated[str, StringConstraints(max_length=20, pattern=PHONE)]
Moment = Annotated[str, StringConstraints(pattern=TIME)]
Url = Annotated[AnyUrl, UrlConstraints(max_length=500)]


class Contact(BaseModel):
    """What may be sent. The e-mail pattern looks ahead, which pydantic's own engine cannot do."""

    model_config = ConfigDict(regex_engine="python-re")

    first_name: Annotated[str, Field(max_length=25)] | None = Field(None, alias="First Name")
    last_name: Annotated[str, Field(max_length=25)] | None = Field(None, alias="Last Name")
    email: Email | None = Field(None, alias="Email")
    phone_number: Phone | None = Field(None, alias="Phone Number")
    status: Literal["POTENTIAL", "QUALIFIED", "DISQUALIFIED"] | None = Field(None, alias="Status")
    tag: Annotated[str, Field(max_length=100)] | None = Field(None, alias="Tag")
    joined_time: Moment | None = Field(None, alias="Joined Time")
    event_name: Annotated[str, Field(max_length=255)] | None = Field(None, alias="Event Name")
    utm: Annotated[str, Field(max_length=1000)] | None = Field(None, alias="UTM")
    country: Annotated[str, Field(max_length=2)] | None = Field(None, alias="Country")
    time_zone: Annotated[str, Field(max_length=50)] | None = Field(None, alias="Time Zone")
    ip_address: Annotated[str, Field(max_length=45)] | None = Field(None, alias="IP Address")
    referrer_url: Url | None = Field(None, alias="Referrer URL")

    @model_validator(mode="after")
    def has_something(self) -> Self:
        """An empty row would make an empty contact."""
        if not self.model_fields_set:
            raise ValueError("nothing to send")
        return self


class Told(Protocol):
    """Is told of each row, once it is checked."""

    def __call__(self, number: int, row: Mapping[str, Any], *, wrong: bool) -> None: ...


def check_rows(rows: Iterable[Mapping[str, Any]], errors: Path, told: Told | None = None) -> int:
    """Check rows that begin below a header and list their errors as CSV; how many rows are wrong."""
    wrong = 0
    with errors.open("w", encoding="utf-8", newline="") as target:
        writer = csv.writer(target)
        writer.writerow(["row", "column", "value", "code", "message"])
        for number, row in enumerate(rows, start=2):
            before = wrong
            try:
                Contact.model_validate({name: value for name, value in row.items() if value})
            except ValidationError as error:
                wrong += 1
                for found in error.errors(include_url=False):
                    place = ".".join(map(str, found["loc"]))
                    writer.writerow([number, place, found["input"], found["type"], found["msg"]])
            if told:
                told(number, row, wrong=wrong > before)
    return wrong
