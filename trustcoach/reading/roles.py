"""Words for roles, and conversations whose roles look swapped."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from trustcoach.conversation import Role, Turn

__all__ = ["fold", "looks_swapped", "role_of", "role_of_label"]

_WORDS = {
    Role.AGENT: "agent support supportagent operator representative rep csr advisor adviser associate staff admin "
    "employee teammate humanagent service customerservice customersupport supportteam assistant "
    "outgoing outbound out internal company business seller doctor helpdesk agentassist consultant "
    "specialist technician liveagent supportrep servicerep human_agent",
    Role.CUSTOMER: "customer client user enduser visitor lead contact caller consumer guest member requester buyer "
    "human incoming inbound in external patient shopper subscriber webuser",
    Role.BOT: "bot chatbot virtualagent virtualassistant automatedagent custombot ai aiagent answerbot fin "
    "trigger auto ivr workflow gpt einsteinbot automation autoresponder",
    Role.SYSTEM: "system event activity notification info systemmessage",
}
_ROLES = {word: role for role, words in _WORDS.items() for word in words.replace("_", "").split()}
_LABELS = {"q": Role.CUSTOMER, "c": Role.CUSTOMER, "u": Role.CUSTOMER, "a": Role.AGENT, "b": Role.BOT}
_NOT_A_LABEL = {
    "in",
    "out",
    "info",
    "fin",
    "auto",
    "event",
    "activity",
    "internal",
    "external",
    "notification",
    "service",
}


@lru_cache(maxsize=4096)
def fold(text: str) -> str:
    """A name for comparing: without case, accents, and anything but letters and digits."""
    plain = text.casefold()
    if not plain.isascii():
        plain = "".join(c for c in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(c))
    return "".join(c for c in plain if c.isalnum())


def role_of(value: Any, words: Mapping[str, str] | None = None) -> Role | None:
    """The role that a value of a role column stands for, or `None` if it is not a word for a role."""
    if not isinstance(value, str):
        return None
    folded = fold(value)
    if words:
        for word, role in words.items():
            if fold(word) == folded:
                return Role(role)
    return _ROLES.get(folded)


def role_of_label(label: str) -> tuple[Role, str] | None:
    """The role and the name in a speaker label: `Agent`, `Maya (Agent)`, `Agent Maya`; `None` for a mere name."""
    label = label.strip()
    folded = fold(label)
    if folded in _LABELS and len(label) == 1:
        return _LABELS[folded], label
    if folded in _ROLES and folded not in _NOT_A_LABEL:
        return _ROLES[folded], label
    if match := re.fullmatch(r"(.+?)\s*[(\[]([^()\[\]]+)[)\]]", label):
        for name, word in (match.groups(), match.groups()[::-1]):
            if (role := _ROLES.get(fold(word))) and fold(word) not in _NOT_A_LABEL:
                return role, name.strip()
    if match := re.fullmatch(r"(\w+)[ _#-]+(\S.*)", label):
        role = _ROLES.get(fold(match[1]))
        if role in (Role.AGENT, Role.CUSTOMER, Role.BOT) and fold(match[1]) not in {*_NOT_A_LABEL, "ai", "human"}:
            return role, label
    if match := re.fullmatch(r"(.+?)\s*[-–|,]\s*([\w ]+)", label):
        role = _ROLES.get(fold(match[2]))
        if role in (Role.AGENT, Role.CUSTOMER, Role.BOT) and fold(match[2]) not in _NOT_A_LABEL:
            return role, match[1]
    return None


_SERVICE = [
    re.compile(pattern, re.I)
    for pattern in (
        r"\bhow (can|may) (i|we) (help|assist)\b",
        r"\bthank(s| you) for (contacting|calling|reaching out|chatting|getting in touch|your patience)\b",
        r"\b(i|we) (do |sincerely |really )*apologi[sz]e for\b|\bour apologies\b",
        r"\b(could|can|may|would) (you|i)( please)? (have|give|provide|share|confirm|tell)\b.{0,30}\b(order|account|"
        r"booking|reference|phone|e-?mail|postcode|zip|full name)\b",
        r"\b(is|was) there anything else (i|we) can\b",
        r"\blet me (just |quickly )?(check|look into|pull up)\b|\bi(’|'| wi)?ll look into (this|that|it) for you\b",
        r"\bmy name is \w+.{0,40}\b(help|assist)",
        r"\bi(’|')?m sorry to hear\b",
    )
]


def looks_swapped(turns: Iterable[Turn]) -> bool:
    """Whether the customer talks like an agent and the agent does not: two kinds of service phrases or more."""
    said = list(turns)
    return _service(said, Role.CUSTOMER) >= 2 and _service(said, Role.AGENT) == 0


def _service(turns: Iterable[Turn], role: Role) -> int:
    """How many kinds of service phrases somebody uses."""
    found: set[int] = set()
    for turn in turns:
        if turn.role is role:
            text = turn.text[:2000]
            if any(word in text.casefold() for word in _SERVICE_WORDS):
                found.update(number for number, phrase in enumerate(_SERVICE) if phrase.search(text))
    return len(found)


_SERVICE_WORDS = (
    "help",
    "assist",
    "thank",
    "apolog",
    "order",
    "account",
    "booking",
    "anything else",
    "let me",
    "look into",
    "sorry",
)
