"""Formats that show more of a number than its digits."""

from __future__ import annotations

import pytest

from importer.reading.number_format import HiddenFormat, cell_format, digit_format


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
    ["General", "0", "#,##0", "0.00", "00.0", "0%", "0.00E+00", "yyyy-mm-dd", "@", "# ?/?", "(#) #", ""],
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


@pytest.mark.parametrize(
    ("code", "value", "shown"),
    [
        ('"Size=E"0', 9, "Size=E9"),
        ('"INV-"0', 7, "INV-7"),
        ("\\A0", 3, "A3"),
        ('"a;b"0', 4, "a;b4"),
        ("$#,##0.00", 1234.5, "$1234.50"),
        ("[$€-407] #,##0.00", 1234.5, "€ 1234.50"),
        ('#,##0.00\\ "€"', 1234.5, "1234.50 €"),
        ('_("$"* #,##0.00_);_("$"* \\(#,##0.00\\);_("$"* "-"??_);_(@_)', 12.5, "$12.50"),
        ('"$"#,##0_);[Red]\\("$"#,##0\\)', -5, "-$5"),
        ('0 "kg"', 3, "3 kg"),
        ('0.0" years"', 2.55, "2.6 years"),
        ('General" pts"', 2.5, "2.5 pts"),
    ],
)
def test_a_currency_a_code_and_a_unit_are_read_with_the_number(code: str, value: float, shown: str) -> None:
    found = cell_format(code)
    assert found is not None
    assert found.show(value) == shown


@pytest.mark.parametrize(
    "code", ["#,##0", "#,##0_);(#,##0)", "[$-409]0", 'yyyy"年"m"月"d"日"', "m/d/yy h:mm", '0,"k"', "General", "@"]
)
def test_what_only_makes_a_number_easier_to_read_leaves_it_as_it_is(code: str) -> None:
    assert cell_format(code) is None


@pytest.mark.parametrize("code", [";;;", ";;", "[Red];;;"])
def test_a_format_that_shows_nothing_is_known(code: str) -> None:
    assert isinstance(cell_format(code), HiddenFormat)
