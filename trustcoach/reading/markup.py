"""HTML to plain text, and quoted history in e-mails."""

from __future__ import annotations

import html
import re
import warnings

__all__ = ["cut_quoted", "has_html", "html_to_text"]

_TAG = re.compile(
    r"</?(a|abbr|article|b|blockquote|body|br|center|code|div|em|font|footer|form|h[1-6]|head|hr|html|i|img|li|link|meta|ol|p|pre|s|"
    r"script|section|small|span|strike|strong|style|sub|sup|table|tbody|td|th|thead|tr|u|ul)(\s[^<>]*)?/?>",
    re.I,
)
_ENTITY = re.compile(r"&(nbsp|amp|lt|gt|quot|apos|#\d{1,7}|#x[0-9a-f]{1,6}|[lr][sd]quo|hellip|[mn]dash|euro);", re.I)
_BLOCK_NAMES = (
    "address article blockquote body center dd div dl dt fieldset footer form h1 h2 h3 h4 h5 h6 header hr html li main "
    "ol p pre section table tr ul"
)
_BLOCKS = _BLOCK_NAMES.split()
_PARAGRAPHS = ("p", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre")
_SOFT = "\x1e"
_QUOTED = "blockquote, .gmail_quote, .yahoo_quoted, #divRplyFwdMsg, #appendonsend, .moz-cite-prefix, .zd-quote"


def has_html(text: str) -> bool:
    """Whether a text holds real tags or entities; `a < b` and `<3` are not."""
    return ("<" in text and _TAG.search(text) is not None) or ("&" in text and _ENTITY.search(text) is not None)


def html_to_text(text: str, *, keep_quoted: bool = True) -> str:
    """The text of a piece of HTML: entities decoded once, blocks and `<br>` as lines, `<li>` as `- `."""
    if "<" not in text:
        return _tidy(html.unescape(text))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return _tidy(_parsed_text(text, keep_quoted))
    except (ValueError, AssertionError, RecursionError):  # markup that no parser takes
        return _tidy(html.unescape(re.sub(r"<[^<>]*>", " ", text)))


def _parsed_text(text: str, keep_quoted: bool) -> str:
    from bs4 import BeautifulSoup

    soup = BeautifulSoup(text, "html.parser")
    for element in soup(["script", "style", "head", "title", "template"]):
        element.decompose()
    if not keep_quoted:
        kept = str(soup)
        for element in soup.select(_QUOTED):
            if not element.decomposed:
                element.decompose()
        if not soup.get_text(strip=True):
            soup = BeautifulSoup(kept, "html.parser")
    for image in soup("img"):
        alt = str(image.get("alt") or "").strip()
        tiny = str(image.get("width")) in ("0", "1") or str(image.get("height")) in ("0", "1")
        image.replace_with(f"[{alt}]" if alt and not tiny else "")
    for element in soup("br"):
        element.replace_with("\n")
    for element in soup("li"):
        element.insert(0, "- ")
    for element in soup(_BLOCKS):
        mark = "\n" if element.name in _PARAGRAPHS else _SOFT
        element.insert(0, mark)
        element.append(mark)
    for element in soup(["td", "th"]):
        element.append(" ")
    return soup.get_text()


def _tidy(text: str) -> str:
    text = re.sub(rf"\s*{_SOFT}[\s{_SOFT}]*", lambda m: "\n\n" if m[0].count("\n") > 1 else "\n", text)
    text = text.replace("\xa0", " ").replace("\r\n", "\n")
    text = re.sub(r"[ \t]*\n[ \t]*", "\n", re.sub(r"[ \t]{2,}", " ", text))
    return re.sub(r"\n{3,}", "\n\n", text).strip()


_CUTS = [
    re.compile(pattern, re.M | re.I)
    for pattern in (
        r"^[ >]*(On|Am|Le|El|Il|Op|Em|Den|Dnia|W dniu) .{4,200}?(wrote|schrieb|a écrit|escribió|"
        r"ha scritto|schreef|escreveu|skrev|napisał\(?a?\)?)( [^\n:]{0,80})?:[ ]*$",
        r"^[ >]*-{2,}\s*(Original Message|Ursprüngliche Nachricht|Message d'origine|Mensaje original|"
        r"Forwarded message)\s*-{2,}",
        r"^[ >]*(From|Von|De):[^\n]+\n[ >]*(Sent|Date|Gesendet|Envoyé|Enviado|To|An)[^\n]*:[^\n]+\n"
        r"[ >]*(To|Subject|An|Betreff|Cc|À|Para|Sent|Date)[^\n]*:",
        r"^.*##-.{5,80}-##",
        r"^_{20,}\s*\n\s*(From|Von|De):",
    )
]
_SIGNATURE = re.compile(r"^-- ?\n", re.M)
_SENT_FROM = re.compile(r"^\s*(Sent from my \w+|Get Outlook for \w+)[^\n]{0,40}\s*\Z", re.M)


def cut_quoted(text: str) -> str:
    """An e-mail without quoted history and signature; the whole text if nothing else would be left."""
    if not any(mark in text for mark in (":", "--", ">", "Sent from", "Get Outlook")):
        return text
    at = min((match.start() for cut in _CUTS if (match := cut.search(text))), default=len(text))
    kept = text[:at]
    lines = kept.split("\n")
    while lines and (not lines[-1].strip() or lines[-1].startswith(">")):
        lines.pop()
    kept = "\n".join(lines) or kept
    if match := _SENT_FROM.search(kept):
        kept = kept[: match.start()] or kept
    if match := _SIGNATURE.search(kept):
        kept = kept[: match.start()] or kept
    kept = kept.rstrip()
    return kept if kept.strip() else text
