"""Formats that show more of a number than its digits."""

from __future__ import annotations

import pytest

from importer.reading.number_format import cell_format, digit_format


@pytest.mark.parametrize(
    ("code", "number", "shown"),
    [
        ("00000", "1234", "01234"),
        ("00000", "123456", "123456"),
        ('"+"0', "15550100", "+15550100"),
        (r"\+#", "15550100", "+15550100"),
        ("+0", "7", "+7"),
        (r"00000\-0000", "12345678", "01234-5678"),
        (r"000\-00\-0000", "12345678", "012-34-5678"),
        ("00000;-00000", "7", "00007"),
        ("[Red]000", "7", "007"),
        ("[$-409]00000", "501", "00501"),
        ('"1-"000-0000', "5550100", "1-555-0100"),
        ("00 00 00 00 00", "123456789", "01 23 45 67 89"),
        ("_(00000_)", "7", "00007"),
    ],
)
def test_a_format_that_adds_digits_is_followed(code: str, number: str, shown: str) -> None:
    found = digit_format(code)

    assert found is not None
    assert found.apply(number) == shown


@pytest.mark.parametrize(
    "code",
    ["General", "0", "#,##0", "0.00", "00.0", "0%", "0.00E+00", "yyyy-mm-dd", "@", "# ?/?", "(#) #", '"a;b"0', ""],
)
def test_other_formats_leave_the_number_as_it_is(code: str) -> None:
    assert digit_format(code) is None


@pytest.mark.parametrize(
    ("code", "value", "shown"), [("0%", 0.5, "50%"), ("0.00%", 0.125, "12.50%"), ("#,##0.0%", 12.0, "1200.0%")]
)
def test_a_percentage_is_read_as_it_is_shown(code: str, value: float, shown: str) -> None:
    found = cell_format(code)
    assert found is not None
    assert found.show(value) == shown


def test_a_zero_before_the_last_place_is_shown() -> None:
    found = digit_format('0#" "##" "##" "##" "##')
    assert found is not None
    assert found.show(199_001_234) == "01 99 00 12 34"
