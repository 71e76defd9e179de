"""iClosed's documented limits of a new contact, as someone who checks them with another tool would note them down.

By column of the benchmarks' files: how long, which pattern, which values. Nothing is required but that a row is not
empty.
"""

from __future__ import annotations

EMAIL = r"^(?!\.)(?!.*\.\.)([A-Za-z0-9_'+\-\.]*)[A-Za-z0-9_+-]@([A-Za-z0-9][A-Za-z0-9\-]*\.)+[A-Za-z]{2,}$"
PHONE = r"^\+?\d+$"
TIME = (
    r"^(?:(?:\d\d[2468][048]|\d\d[13579][26]|\d\d0[48]|[02468][048]00|[13579][26]00)-02-29|\d{4}-(?:(?:0[13578]|1[02])"
    r"-(?:0[1-9]|[12]\d|3[01])|(?:0[469]|11)-(?:0[1-9]|[12]\d|30)|(?:02)-(?:0[1-9]|1\d|2[0-8])))"
    r"T(?:(?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d+)?)?(?:Z))$"
)
LONGEST = {
    "First Name": 25,
    "Last Name": 25,
    "Email": 255,
    "Phone Number": 20,
    "Tag": 100,
    "Event Name": 255,
    "UTM": 1000,
    "Country": 2,
    "Time Zone": 50,
    "IP Address": 45,
    "Referrer URL": 500,
}
PATTERNS = {"Email": EMAIL, "Phone Number": PHONE, "Joined Time": TIME}
STATUSES = ("POTENTIAL", "QUALIFIED", "DISQUALIFIED")
FIELDS = {
    "First Name": "firstName",
    "Last Name": "lastName",
    "Email": "email",
    "Phone Number": "phoneNumber",
    "Status": "status",
    "Tag": "tag",
    "Joined Time": "joinedTime",
    "Event Name": "eventName",
    "UTM": "utm",
    "Country": "country",
    "Time Zone": "timeZone",
    "IP Address": "ipAddress",
    "Referrer URL": "referrerUrl",
}
