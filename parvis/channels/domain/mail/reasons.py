"""Why a mail server refused: one word from a status code (RFC 3463) and the server's free text.

The words are those of the classes that matter to a customer desk: is the address wrong, gone, full, or was it
the message? Patterns are ordered: the more telling the words, the earlier.
"""

from __future__ import annotations

import re

# Reasons after which writing to the address again is pointless.
DEAD = frozenset({"user-unknown", "host-unknown", "moved", "not-accepting"})

_WORDS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (reason, re.compile(pattern, re.X | re.I))
    for reason, pattern in (
        (
            "spam",
            r"""spam(?!\s?assassin\ ok)|\bjunk\b|\buce\b|bulk\ mail|blacklist|block\ ?list|\brbl\b|dnsbl|spamhaus|spamcop|sorbs|barracuda|reputation
            |(?:message|content|mail)\ (?:was\ |is\ |has\ been\ )?(?:rejected|refused|blocked)\ (?:due\ to|as|because\ of)\ (?:content|spam|policy)""",
        ),
        (
            "user-unknown",  # Exchange Online, when it knows its users (directory-based edge blocking)
            r"5\.4\.1.{0,60}recipient\ address\ rejected:\ access\ denied",
        ),
        (
            "sender-refused",
            r"""sender\ (?:address|domain|verify)|domain\ of\ (?:the\ )?sender|(?:mail|envelope)\ from\ (?:address|domain)|return\ path""",
        ),
        (
            "virus",
            r"virus|malware|infected|trojan",
        ),
        (
            "policy",
            r"""\b(?:dmarc|spf|dkim|ptr)\b|reverse\ (?:dns|lookup|hostname)|relay(?:ing)?\ (?:not|access|is)?\ ?(?:denied|permitted|allowed|prohibited)|(?:not\ permitted|unable)\ to\ relay|too\ many\ (?:recipients|messages|connections|errors)
            |temporar(?:y|ily)\ locked|rate\ ?limit|sent\ too\ (?:many|much)|authentication\ (?:required|failed)|not\ rfc\ ?\d+|access\ denied""",
        ),
        (
            "mailbox-full",
            r"""mailbox\ (?:is\ |was\ |has\ been\ )?(?:too\ )?(?:full|exceeded|quota)|mailbox\ (?:size|storage|disk|quota|limit).{0,40}(?:exceed|full|limit)|over\ ?quota|quota\ (?:is\ )?(?:exceeded|full|violation)
            |exceed(?:s|ed|ing)?\ (?:\w+\ ){0,4}(?:quota|storage|mailbox)|out\ of\ (?:storage|disk)\ space|insufficient\ (?:disk|storage|system\ storage)|not\ enough\ (?:storage|disk|space)
            |user\ has\ (?:exhausted|too\ many\ messages)|disk\ quota|inbox\ is\ full|mailfolder\ is\ full|account\ is\ (?:over|exceeding)\ quota|bo(?:î|i)te.{0,20}pleine""",
        ),
        (
            "too-big",
            r"""message\ (?:is\ |was\ )?too\ (?:big|large)|(?:message|mail|size)\ (?:\w+\ ){0,3}exceeds?\ (?:\w+\ ){0,4}(?:limit|maximum|size|fixed)|message\ size|size\ limit|too\ large""",
        ),
        (
            "moved",
            r"""(?:has\ )?moved\ to|user\ not\ local;\ please\ try|no\ longer\ (?:at|with|in\ service)|has\ (?:changed|moved)\ (?:\w+\ ){0,3}address|new\ (?:e-?mail\ )?address|address\ (?:has\ )?changed""",
        ),
        (
            "suspended",
            r"""(?:account|mailbox|user|recipient|address|domain)\ (?:\S+\ )?(?:is\ |was\ |has\ been\ |temporarily\ |currently\ )*(?:disabled|suspended|inactive|locked|deactivated|blocked|terminated|not\ active|frozen|on\ hold)
            |(?:disabled|suspended|inactive|deactivated|discontinued)\ (?:account|mailbox|user|recipient)|mailbox\ (?:is\ )?(?:currently\ )?(?:unavailable\ or\ access\ denied|not\ activated)|not\ yet\ enabled|email\ account\ that\ you\ tried\ to\ reach\ is\ (?:disabled|over\ quota)""",
        ),
        (
            "host-unknown",
            r"""(?:host|domain|server)\ (?:\S+\ ){0,2}(?:unknown|not\ found|does\ ?n[o']t\ exist|invalid)|unknown\ (?:host|domain)|unrout(?:e)?able\ (?:address|mail\ domain)|no\ (?:such\ )?(?:host|domain)\b|nxdomain
            |(?:name|dns|domain)\ (?:\w+\ ){0,3}(?:lookup|resolution|service).{0,40}(?:fail|not\ found|error)|host\ or\ domain\ name\ not\ found|illegal\ host|bad\ destination\ (?:host|system)|name\ or\ service\ not\ known
            |couldn['’]t\ find\ any\ host|domain\ (?:is\ )?not\ (?:exist|found|valid)|no\ mx\ record|mx\ (?:records?\ )?(?:point|not\ found)|domain\ must\ (?:exist|resolve)|address\ family\ mismatch""",
        ),
        (
            "not-accepting",
            r"""does\ not\ accept\ (?:any\ )?(?:mail|e-?mail|incoming)|(?:domain|host|server)\ (?:\S+\ ){0,3}does\ not\ accept\ mail|null\ ?mx|not\ accept(?:ing)?\ (?:any\ )?mail|smtp\ protocol\ returned\ a\ permanent\ error|name\ server:\ \.: host\ not\ found|recipient\ address\ has\ a\ null\ mx""",
        ),
        (
            "user-unknown",
            r"""(?:user|recipient|mailbox|account|address|addressee|customer|member|person|alias|subscriber|rcpt|local\ part)\ (?:\S+\ ){0,4}?(?:unknown|not\ (?:found|exist|known|listed|recognized|a\ (?:valid|known)|here|valid)|does\ ?n[o'’]t\ (?:have|exist|match)|doesn['’]?t\ (?:have|exist)|is\ (?:unknown|invalid|not\ valid|not\ known)|invalid|unavailable\b.{0,20}no\ such)
            |(?:unknown|invalid|no\ such|bad|nonexistent|non-existent|undefined|unrecognized|illegal)\ (?:\w+\ ){0,2}(?:user|recipient|mailbox|account|address|alias|name|person|local\ part|addressee|destination\ mailbox)
            |no\ (?:such\ )?(?:user|mailbox|recipient|account|person)\b|this\ user\ doesn['’]?t\ have|not\ (?:a\ )?(?:valid\ )?(?:known\ )?(?:user|recipient|mailbox)\b|there\ is\ no\ (?:user|mailbox|one)|doesn['’]t\ have\ (?:a|an)\ .{0,30}account
            |no\ longer\ (?:valid|exists|available|on|a)|recipnotfound|resolver\.adr|address\ (?:\S+\ )?(?:does\ not\ exist|not\ found)|email\ address\ (?:\S+\ ){0,4}(?:not|n['’]t)\b.{0,20}(?:exist|found)|does\ not\ exist\ here
            |couldn['’]t\ be\ found|wasn['’]t\ found\ at|not\ listed\ in|adresse?\ (?:\w+\ )?(?:inconnue|inexistante)|utilisateur\ inconnu|destinataire\ inconnu|unbekannte[rn]?\ empf|メールアドレス.{0,20}(?:見つ|存在し)|宛先不明|sorry,\ no\ mailbox\ here|user\ lookup\ failed|no\ mail\ box|no\ valid\ recipients|リストにありません|not\ our\ customer""",
        ),
        (
            "expired",
            r"""(?:delivery|message|retry|queue)\ (?:\w+\ ){0,3}(?:time-?\ ?out|timed\ out|expired|delay)|retry\ (?:time|timeout)\ (?:not|exceeded)|message\ (?:is\ )?expired|too\ old|(?:could\ not|unable\ to)\ be\ delivered\ for\ more\ than|in\ the\ queue\ (?:too|for)|did\ not\ accept\ our\ requests\ to\ connect|connection\ (?:timed\ out|refused|timeout)|been\ delayed|will\ (?:keep\ trying|be\ retried|continue)|not\ yet\ been\ delivered""",
        ),
        (
            "policy",
            r"""policy|authenticat|not\ (?:authorized|allowed|permitted)|banned|prohibited|too\ many|try\ again\ later|gr[ea]ylist""",
        ),
        ("rejected", r"reject|refused|denied|block|administrative|prohibit|not\ accepted|filter"),
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
