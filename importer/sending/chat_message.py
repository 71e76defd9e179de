"""The message about a run in the form of a chat: Slack's, Teams', or JSON for any other webhook.

Sources: Slack, "Sending messages using incoming webhooks"; Microsoft, "Create incoming webhooks with Workflows for
Microsoft Teams", and the schema of Adaptive Cards.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

SLACK, TEAMS, JSON = "slack", "teams", "json"
FORMS = (SLACK, TEAMS, JSON)
HOSTS = {
    SLACK: ("hooks.slack.com", "hooks.slack-gov.com"),
    TEAMS: (".webhook.office.com", ".logic.azure.com", ".api.powerplatform.com"),
}
LONGEST_SLACK_TEXT = 3_000  # characters of a section
CARD = "application/vnd.microsoft.card.adaptive"


def split_form(address: str) -> tuple[str, str]:
    """Return the form of a webhook and its URL: ``slack:https://…`` names the form, else the host tells it."""
    form, _, url = address.partition(":")
    if form in FORMS:
        return form, url
    host = (urlsplit(address).hostname or "").lower()
    known = (form for form, hosts in HOSTS.items() if any(host == name or host.endswith(name) for name in hosts))
    return next(known, JSON), address


def chat_message(form: str, text: str, data: Mapping[str, Any]) -> dict[str, Any]:
    """Return the body of a webhook's request. ``text`` is what people read; ``data`` is for programs."""
    if form == TEAMS:
        return {"type": "message", "attachments": [{"contentType": CARD, "contentUrl": None, "content": _card(text)}]}
    escaped = _escape(text)
    if form == SLACK:
        section = {"type": "mrkdwn", "text": escaped[:LONGEST_SLACK_TEXT]}
        return {"text": escaped, "blocks": [{"type": "section", "text": section}]}
    return {**data, "text": escaped}


def _card(text: str) -> dict[str, Any]:
    headline, *lines = text.split("\n")
    blocks = [{"type": "TextBlock", "text": headline, "wrap": True, "weight": "Bolder"}]
    blocks += [{"type": "TextBlock", "text": line, "wrap": True} for line in lines]
    return {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": blocks,
    }


def _escape(text: str) -> str:
    # A file's name may contain "<!channel>", which Slack would take for a mention of everybody.
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
