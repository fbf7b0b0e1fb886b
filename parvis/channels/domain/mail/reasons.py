"""Why a mail server refused: one word from a status code (RFC 3463) and the server's free text.

The words are those of the classes that matter to a customer desk: is the address wrong, gone, full, or was it
the message? Patterns are ordered: the more telling the words, the earlier.
"""

from __future__ import annotations

import re

# Reasons after which writing to the address again is pointless.
DEAD = frozenset({"user-unknown", "host-unknown", "moved", "not-accepting"})

_WORDS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (reason, re.compile("|".join(alternatives), re.I))
    for reason, alternatives in (
        (
            "spam",
            (
                r"spam(?!\s?assassin ok)",
                r"\bjunk\b",
                r"\buce\b",
                r"bulk mail",
                r"blacklist",
                r"block ?list",
                r"\brbl\b",
                r"dnsbl",
                r"spamhaus",
                r"spamcop",
                r"sorbs",
                r"barracuda",
                r"reputation",
                r"(?:message|content|mail) (?:was |is |has been )?(?:rejected|refused|blocked) (?:due to|as|"
                r"because of) (?:content|spam|policy)",
            ),
        ),
        (
            "user-unknown",  # Exchange Online that knows its users (directory-based edge blocking)
            (r"5\.4\.1.{0,60}recipient address rejected: access denied",),
        ),
        (
            "sender-refused",
            (
                r"sender (?:address|domain|verify)",
                r"domain of (?:the )?sender",
                r"(?:mail|envelope) from (?:address|domain)",
                r"return path",
            ),
        ),
        (
            "virus",
            (
                r"virus",
                r"malware",
                r"infected",
                r"trojan",
            ),
        ),
        (
            "policy",
            (
                r"\b(?:dmarc|spf|dkim|ptr)\b",
                r"reverse (?:dns|lookup|hostname)",
                r"relay(?:ing)? (?:not|access|is)? ?(?:denied|permitted|allowed|prohibited)",
                r"(?:not permitted|unable) to relay",
                r"too many (?:recipients|messages|connections|errors)",
                r"temporar(?:y|ily) locked",
                r"rate ?limit",
                r"sent too (?:many|much)",
                r"authentication (?:required|failed)",
                r"not rfc ?\d+",
                r"access denied",
            ),
        ),
        (
            "mailbox-full",
            (
                r"mailbox (?:is |was |has been )?(?:too )?(?:full|exceeded|quota)",
                r"mailbox (?:size|storage|disk|quota|limit).{0,40}(?:exceed|full|limit)",
                r"over ?quota",
                r"quota (?:is )?(?:exceeded|full|violation)",
                r"exceed(?:s|ed|ing)? (?:\w+ ){0,4}(?:quota|storage|mailbox)",
                r"out of (?:storage|disk) space",
                r"insufficient (?:disk|storage|system storage)",
                r"not enough (?:storage|disk|space)",
                r"user has (?:exhausted|too many messages)",
                r"disk quota",
                r"inbox is full",
                r"mailfolder is full",
                r"account is (?:over|exceeding) quota",
                r"bo(?:î|i)te.{0,20}pleine",
            ),
        ),
        (
            "too-big",
            (
                r"message (?:is |was )?too (?:big|large)",
                r"(?:message|mail|size) (?:\w+ ){0,3}exceeds? (?:\w+ ){0,4}(?:limit|maximum|size|fixed)",
                r"message size",
                r"size limit",
                r"too large",
            ),
        ),
        (
            "moved",
            (
                r"(?:has )?moved to",
                r"user not local; please try",
                r"no longer (?:at|with|in service)",
                r"has (?:changed|moved) (?:\w+ ){0,3}address",
                r"new (?:e-?mail )?address",
                r"address (?:has )?changed",
            ),
        ),
        (
            "suspended",
            (
                r"(?:account|mailbox|user|recipient|address|domain) (?:\S+ )?(?:is |was |has been |temporarily |"
                r"currently )*(?:disabled|suspended|inactive|locked|deactivated|blocked|terminated|not active|frozen|"
                r"on hold)",
                r"(?:disabled|suspended|inactive|deactivated|discontinued) (?:account|mailbox|user|recipient)",
                r"mailbox (?:is )?(?:currently )?(?:unavailable or access denied|not activated)",
                r"not yet enabled",
                r"email account that you tried to reach is (?:disabled|over quota)",
            ),
        ),
        (
            "host-unknown",
            (
                r"(?:host|domain|server) (?:\S+ ){0,2}(?:unknown|not found|does ?n[o']t exist|invalid)",
                r"unknown (?:host|domain)",
                r"unrout(?:e)?able (?:address|mail domain)",
                r"no (?:such )?(?:host|domain)\b",
                r"nxdomain",
                r"(?:name|dns|domain) (?:\w+ ){0,3}(?:lookup|resolution|service).{0,40}(?:fail|not found|error)",
                r"host or domain name not found",
                r"illegal host",
                r"bad destination (?:host|system)",
                r"name or service not known",
                r"couldn['’]t find any host",
                r"domain (?:is )?not (?:exist|found|valid)",
                r"no mx record",
                r"mx (?:records? )?(?:point|not found)",
                r"domain must (?:exist|resolve)",
                r"address family mismatch",
            ),
        ),
        (
            "not-accepting",
            (
                r"does not accept (?:any )?(?:mail|e-?mail|incoming)",
                r"(?:domain|host|server) (?:\S+ ){0,3}does not accept mail",
                r"null ?mx",
                r"not accept(?:ing)? (?:any )?mail",
                r"smtp protocol returned a permanent error",
                r"name server: \.:host not found",
                r"recipient address has a null mx",
            ),
        ),
        (
            "user-unknown",
            (
                r"(?:user|recipient|mailbox|account|address|addressee|customer|member|person|alias|subscriber|rcpt|"
                r"local part) (?:\S+ ){0,4}?(?:unknown|not (?:found|exist|known|listed|recognized|a (?:valid|known)|"
                r"here|valid)|does ?n[o'’]t (?:have|exist|match)|doesn['’]?t (?:have|exist)|is (?:unknown|invalid|"
                r"not valid|not known)|invalid|unavailable\b.{0,20}no such)",
                r"(?:unknown|invalid|no such|bad|nonexistent|non-existent|undefined|unrecognized|"
                r"illegal) (?:\w+ ){0,2}(?:user|recipient|mailbox|account|address|alias|name|person|local part|"
                r"addressee|destination mailbox)",
                r"no (?:such )?(?:user|mailbox|recipient|account|person)\b",
                r"this user doesn['’]?t have",
                r"not (?:a )?(?:valid )?(?:known )?(?:user|recipient|mailbox)\b",
                r"there is no (?:user|mailbox|one)",
                r"doesn['’]t have (?:a|an) .{0,30}account",
                r"no longer (?:valid|exists|available|on|a)",
                r"recipnotfound",
                r"resolver\.adr",
                r"address (?:\S+ )?(?:does not exist|not found)",
                r"email address (?:\S+ ){0,4}(?:not|n['’]t)\b.{0,20}(?:exist|found)",
                r"does not exist here",
                r"couldn['’]t be found",
                r"wasn['’]t found at",
                r"not listed in",
                r"adresse? (?:\w+ )?(?:inconnue|inexistante)",
                r"utilisateur inconnu",
                r"destinataire inconnu",
                r"unbekannte[rn]? empf",
                r"メールアドレス.{0,20}(?:見つ|存在し)",
                r"宛先不明",
                r"sorry, no mailbox here",
                r"user lookup failed",
                r"no mail box",
                r"no valid recipients",
                r"リストにありません",
                r"not our customer",
            ),
        ),
        (
            "expired",
            (
                r"(?:delivery|message|retry|queue) (?:\w+ ){0,3}(?:time-? ?out|timed out|expired|delay)",
                r"retry (?:time|timeout) (?:not|exceeded)",
                r"message (?:is )?expired",
                r"too old",
                r"(?:could not|unable to) be delivered for more than",
                r"in the queue (?:too|for)",
                r"did not accept our requests to connect",
                r"connection (?:timed out|refused|timeout)",
                r"been delayed",
                r"will (?:keep trying|be retried|continue)",
                r"not yet been delivered",
            ),
        ),
        (
            "policy",
            (
                r"policy",
                r"authenticat",
                r"not (?:authorized|allowed|permitted)",
                r"banned",
                r"prohibited",
                r"too many",
                r"try again later",
                r"gr[ea]ylist",
            ),
        ),
        (
            "rejected",
            (
                r"reject",
                r"refused",
                r"denied",
                r"block",
                r"administrative",
                r"prohibit",
                r"not accepted",
                r"filter",
            ),
        ),
    )
)
# Second and third figure of the status, for texts that say nothing.
_CODES = {
    "1.0": "user-unknown",
    "1.1": "user-unknown",
    "1.2": "host-unknown",
    "1.3": "user-unknown",
    "1.6": "moved",
    "1.10": "not-accepting",
    "2.1": "suspended",
    "2.2": "mailbox-full",
    "2.3": "too-big",
    "3.4": "too-big",
    "4.1": "expired",
    "4.4": "host-unknown",
    "4.6": "network",
    "4.7": "expired",
    "6.0": "content",
    "7.0": "policy",
    "7.1": "policy",
}


def reason_of(status: str, words: str) -> str:
    """One word for the refusal, "" when nothing tells. status: "5.1.1" or ""; words: the server's text."""
    words = words[:4000]
    if status.endswith(".1.6"):
        return "moved"
    for reason, pattern in _WORDS:
        if pattern.search(words):
            return reason
    return _CODES.get(status.partition(".")[2], "")
