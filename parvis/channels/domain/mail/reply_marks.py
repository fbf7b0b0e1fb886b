"""How mail programs, in many languages, mark where somebody else's words begin.

Every pattern looks at one line, or a few joined ones, cut to :data:`WIDTH` characters, and holds only bounded
repetitions: the time is linear in the text.
"""

from __future__ import annotations

import re

WIDTH = 400  # characters of a line that are looked at
ATTRIBUTION_LINES = 6

_DIRECTION = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")
QUOTED = re.compile(r"[ \t]{0,4}>")
# Lines of nothing but rules and tracking marks.
RULE = re.compile(r"[\s\-–—_=*#~+.•ᐧ\u200b\ufeff]*\Z")
DASHES = re.compile(r"[ \t]*(?:--|––?|—|__+|-{2,}|—{2,}|–{2,})[ \t]*\Z")
STRICT_SIGNATURE = re.compile(r"[ \t]?(?:--|—) ?\Z")

_WROTE = re.compile(
    r"""\b(?:wrote|writes|
    (?:a|à)\s+(?:é|e)crit|(?:é|e)crit|(?:é|e)crivait|
    schrieb|geschrieben|escribi(?:ó|o)|escreveu|scritto|scrive|
    schreef|geschreven|skrev|skrifaði|kirjoitti|napisa(?:ł|l)|pisze|napsal|napísal|írta|scris|
    napísal|napisao|napisala|kirjutas|rašė|rakstīja|va\ escriure|escrigué|menulis|
    написал|пишет|писал|пише|написав|написа|έγραψε|yazdı|tarihinde|đã\ viết|כתב|كتب)\w{0,3}(?:\(\w{1,2}\))?(?!\w)
    |写道|寫道|書きました|のメール|님이\ 작성|ने\ लिखा|เขียน""",
    re.X | re.I,
)
_SAID = re.compile(r"\b(?:sent|said|replied)\s*[:：]\s*\Z", re.I)  # everyday words: only after an opening
_OPENING = re.compile(
    r"""[\s>*_\-–—]*(?:
    (?:On|At|Le|Lors\sdu|Am|Den|El|Il|Il\sgiorno|Op|Em|No\sdia|W\sdniu|Dnia|Dne|Dňa|På|Pe|Pada|Vào)\b.{0,50}\d
    |(?:[^\W\d]{2,12}\.?,?\ ){0,2}\d{1,4}(?:[./-]\d|\.?\ [^\W\d]{3,10}|年)
    )""",
    re.X | re.I,
)
_DATED = re.compile(r"\b(?:19|20)\d\d\b|\b\d{1,2}[:.h]\d\d\b|\b\d{1,2}[./-]\d{1,2}[./-]\d{2,4}\b|\d年")
_MAILBOX = re.compile(r"[\w.+\-=]{1,64}@[\w.\-]{1,80}|<\s*mailto:")
_ENDS = re.compile(r"[:：]\s*[*_]{0,2}\s*\Z")
# Google in any language: 2016-10-24 15:36 GMT+02:00 Foo bar <info@foo.bar>:
_DATE_FIRST = re.compile(
    r"[\s>]*\d{4}[-/]\d{1,2}[-/]\d{1,2}(?:\s\d{1,2}:\d\d)?(?:\sGMT[+-]\d\d:?\d\d\s\S|\s.{1,80}<[^<>@\s]{1,64}@)"
)
# Without a verb, in Russian and German programs: 26.06.2014, 14:41, "Foo" <info@foo.bar>:
_NAMED_END = re.compile(r"<[^<>\s]{1,64}@[^<>\s]{1,80}\s?>\s*[:：]\s*\Z")
_QUOTING = re.compile(r"[\s>]*(?:quoting|selon|zitat von|citando|citat från)\b.{2,120}@.{2,80}[:：]\s*\Z", re.I)
_DAY = re.compile(r"\b(?:19|20)\d\d\b|\b\d{1,2}[./-]\d{1,2}[./-]\d{2,4}\b")
_HOUR = re.compile(r"\b\d{1,2}\ ?[:.h]\ ?\d\d\b")
# The end of an introduction that was wrapped inside its angle brackets: "> wrote:", ">:".
_WRAPPED_END = re.compile(r"[ \t]*>[ \t]*(?:[^\s>:]{1,20}[ \t]*){0,3}[:：][ \t]*\Z")
# ---- John Smith wrote ----
_RULED_WROTE = re.compile(r"[\s>]*-{2,}\s?(.{2,200}?)\s?-{2,}\s*\Z")

_ORIGINAL = re.compile(
    r"""(?:original\ (?:message|e-?mail|text)
    |(?:message|courriel|e-?mail|mail)\ (?:d['’]origine|original|initial|pr(?:é|e)c(?:é
    |e)dent)|urspr(?:ü|ue)ngliche\ (?:nachricht|e-?mail|mail)|originalnachricht
    |mensaje\ original|mensagem\ original|messaggio\ originale|oorspronkelijk\ bericht
    |oprindelig\ (?:besked|meddelelse)
    |opprinnelig\ melding|ursprungligt\ meddelande|originalmeddelande|alkuperäinen\ viesti|원본\ 메시지|ต้นฉบับ
    |wiadomość\ oryginalna
    |oryginalna\ wiadomość|původní\ zpráva|исходное\ сообщение|оригинал\ сообщения|eredeti\ üzenet|orijinal\ mesaj
    |mesaj\ original|missatge\ original|原始邮件|原始郵件|邮件原件|元のメッセージ
    |previous\ (?:message|repl(?:y|ies)))""",
    re.X | re.I,
)
_FORWARD = re.compile(
    r"""(?:forwarded\ (?:message|by|from|e-?mail)|message\ (?:transf(?:é|e)r(?:é|e)|r(?:é
    |e)exp(?:é|e)di(?:é|e)|redirig(?:é|e))
    |(?:transf(?:é|e)r(?:é|e)|transmis|r(?:é|e)achemin(?:é|e))\ par|(?:courriel|e-?mail|mail)\ transf(?:é|e)r(?:é|e)
    |weitergeleitete\ (?:nachricht|e-?mail|mail)|weitergeleitet\ von|mensaje\ reenviado
    |mensagem\ (?:encaminhada|reenviada)
    |messaggio\ inoltrato|doorgestuurd\ bericht|videresendt\ (?:besked|melding)|vidarebefordrat\ meddelande
    |välitetty\ viesti|przekazana\ wiadomość|пересылаемое\ сообщение|пересланное\ сообщение|továbbított\ üzenet
    |iletilen\ ileti|missatge\ reenviat|转发邮件|轉寄郵件|转发的邮件|転送メッセージ)""",
    re.X | re.I,
)
_BEGIN_FORWARD = re.compile(
    r"""[\s>]*(?:begin\ forwarded\ message|d(?:é|e)but\ du\ message\ (?:transf(?:é|e)r(?:é
    |e)|r(?:é|e)exp(?:é|e)di(?:é|e))
    |(?:anfang|beginn)\ der\ weitergeleiteten\ (?:nachricht|e-?mail)|inicio\ del\ mensaje\ reenviado
    |inizio\ messaggio\ inoltrato|begin\ doorgestuurd\ bericht|início\ da\ mensagem\ reencaminhada
    |start\ på\ videresendt\ besked|vidarebefordrat\ brev)\s*[:：]?\s*\Z""",
    re.X | re.I,
)
_FORWARDED_BY = re.compile(
    r"[\s>*-]*(?:forwarded by|transf(?:é|e)r(?:é|e) par|weitergeleitet von)\s.{2,200}\d{2,4}", re.I
)
_ABOVE = re.compile(
    r"""[\W_]{0,8}(?:please\ )?(?:(?:type|write)\ your\ (?:reply|answer)|reply)\ above\ this\ line
    |[\W_]{0,8}(?:merci\ de\ |veuillez\ )?(?:r(?:é|e)pond(?:re|ez)|(?:é|e)cri(?:re|vez))
        .{0,40}au-dessus\ de\ cette\ ligne""",
    re.X | re.I,
)

_KEYS = {
    "from": """from de von da van fra från od от від expéditeur expediteur absender remitente mittente afzender
        lähettäjä kimden feladó 发件人 寄件者 差出人""",
    "sent": """sent date envoyé envoye envoyé~le envoye~le gesendet datum enviado enviado~el enviado~em enviada~em
        fecha data data~invio inviato verzonden sendt dato skickat wysłano отправлено дата надіслано gönderildi
        tarih päiväys message~du lähetetty elküldve 日期 发送时间 送信日時""",
    "to": """to à a an para aan til till do кому destinataire destinataires pour kime vastaanottaja címzett
        收件人 宛先""",
    "cc": "cc copie copie~à copie~a kopie kopi kopia copia bcc cci копия 抄送",
    "subject": """subject objet sujet betreff asunto oggetto onderwerp emne ämne temat тема assunto konu aihe
        předmět tárgy 主题 件名""",
    "other": """reply-to répondre~à importance priorité priority attachments pièces~jointes anlagen
        organisation sender resent-from""",
}
_KEY_KIND = {word.replace("~", " "): kind for kind, words in _KEYS.items() for word in words.split()}
_HEADER = re.compile(r"[\s>*|_]{0,10}([^\W\d][\w' -]{0,18}?)\s{0,3}[*_]{0,2}\s?[:：][*_]{0,2}(?:\s|\Z|\S)")

_MESSAGE_OF = re.compile(r"[\s>*]{0,10}Message du \d", re.I)  # Orange

_MOBILE = re.compile(
    r"""[\s>]*(?:
    (?:sent|envoy(?:é|e)e?s?|gesendet|enviado|inviato|verzonden|verstuurd|sendt|skickat
    |wysłane|отправлено|lähetetty|von|provenance)
        \ (?:from|via|with|using|by|depuis|de|du|à\ partir\ de|à\ partir\ d['’]outlook
        |avec|:|mit|von|über|meinem|desde|do|da|dal|dall['’]|med|fra|från
        |vanaf|van|z|ze|с|из)(?!\w).{0,80}
    |(?:diese\ nachricht\ wurde|(?:ce\ message|cet\ e-?mail)\ a\ été\ envoyé|this\ (?:message
    |e-?mail)\ was\ sent)\ .{2,80}
    |(?:get|obtene[zr]|obtenir|t(?:é|e)l(?:é|e)charge[rz]|holen\ sie\ sich|descargar|scarica|ottieni|download)
        \ (?:the\ )?(?:outlook|blue\ ?mail|yahoo|gmail|k-9|canary|spark|proton).{0,80}
    )\Z""",
    re.X | re.I,
)
_DEVICE = re.compile(
    r"""iphone|ipad|ipod|android|samsung|galaxy|huawei|xiaomi|nokia|blackberry|windows
    |outlook|yahoo|gmail|mobile|portable
    |smartphone|téléphone|telephone|phone|handy|telefon|móvil|tablet|hotmail|k-9|proton
    |mail|orange|htc|sony|xperia|wiko
    |oneplus|pixel|motorola|redmi|honor|oppo|courrier|courriel|messagerie|sparrow|airmail
    |spark|4g|5g|apple|device|appareil|gerät""",
    re.X | re.I,
)
_SENTENCE = re.compile(r"[,;?]|[.!]\s|[.!]\Z")
_LINK = re.compile(r"<[^<>]{0,300}>|\(https?:[^()]{0,300}\)|\[https?:[^\[\]]{0,300}\]")
_SENT_FROM_MY = re.compile(r"[\s>]*sent from my [\w .'/+-]{2,50}\Z", re.I)

_EMPTY_WORDS = re.compile(
    r"""\W*(?:fyi|for\ your\ information|f\.y\.i\.?|fyr|pour\ info(?:rmation)?|p(?:our)?\ suivi
    |pour\ action|pi|zur\ (?:info|kenntnis)
    |see\ below|cf\.?\ ci-dessous|voir\ ci-dessous|\(see\ attached\ file:.{0,200}|\(embedded\ image.{0,200}
    |\[(?:image|cid|logo).{0,200})\W*\Z""",
    re.X | re.I,
)
_WORDY = re.compile(r"[^\W_]")


def looked_at(line: str) -> str:
    """What the other functions are to see of a line: its start, without marks of writing direction."""
    return _DIRECTION.sub("", line[:WIDTH])


def is_attribution(joined: str, lone: bool) -> bool:
    """Whether the joined lines introduce a quotation ("On … wrote:").

    lone: no quoted line follows; then only a full date or a mailbox will do.
    """
    text = joined[: WIDTH * 2].rstrip()
    if _DATE_FIRST.match(text) or _QUOTING.match(text):
        return True
    if (ruled := _RULED_WROTE.match(text)) and _WROTE.search(ruled[1]):
        return True
    if _NAMED_END.search(text) and ((_OPENING.match(text) and _DATED.search(text)) or _is_stamped(text)):
        return True
    full = bool(_DATED.search(text) or _MAILBOX.search(text))
    if _OPENING.match(text) and _SAID.search(text):
        return full or not lone
    if not _WROTE.search(text) or not _ENDS.search(text):
        return False
    if _OPENING.match(text):
        return full or not lone
    return bool(_MAILBOX.search(text)) or _is_stamped(text) or (full and not lone)


def _is_stamped(text: str) -> bool:
    """Whether a day and an hour are named, as programs do in any language."""
    return _DAY.search(text) is not None and _HOUR.search(text) is not None


def is_short_introduction(line: str) -> bool:
    """ "Jean a écrit :" – good enough directly above a quotation that is folded."""
    return len(line.split()) <= 6 and bool(_ENDS.search(line) and _WROTE.search(line))


def may_hold_attribution(text: str) -> bool:
    """A quick look at a whole text: False when no line of it can be an attribution."""
    return "@" in text or _WROTE.search(text) is not None or _DATED.search(text) is not None


def ends_attribution(line: str) -> bool:
    return bool(_ENDS.search(line) or _RULED_WROTE.match(line) or _DATE_FIRST.match(line))


def is_wrapped_end(line: str, before: str) -> bool:
    """Whether ``line`` looks quoted but closes the angle bracket that ``before`` left open."""
    return before.count("<") > before.count(">") and _WRAPPED_END.match(line) is not None


def opens_attribution(line: str) -> bool:
    return _OPENING.match(line) is not None


def header_kind(line: str) -> str:
    """Which field of a quoted header block the line is ("from", "sent", …), "" when none."""
    if _MESSAGE_OF.match(line):
        return "sent"
    found = _HEADER.match(line)
    return _KEY_KIND.get(" ".join(found[1].lower().split()), "") if found else ""


def has_mailbox(line: str) -> bool:
    return _MAILBOX.search(line) is not None


def separator_kind(line: str) -> str:
    """ "original" or "forward" for a line such as "----- Original Message -----", "above" for a reply-above line."""
    if _BEGIN_FORWARD.match(line) or _FORWARDED_BY.match(line):
        return "forward"
    stripped = line.strip(" \t>*_")
    if stripped.startswith(("--", "—", "==", "**", "__")) or line.rstrip().endswith("--"):
        if _FORWARD.search(stripped):
            return "forward"
        if _ORIGINAL.search(stripped):
            return "original"
    return "above" if _ABOVE.match(line) else ""


def is_mobile_signature(line: str) -> bool:
    """ "Sent from my iPhone", "Envoyé de mon mobile", "Obtenez Outlook pour iOS"."""
    text = _LINK.sub("", line[:WIDTH]).strip()
    if len(text) > 90 or len(text.split()) > 12:
        return False
    if _SENTENCE.search(text.rstrip(".")):
        return False
    return bool(_SENT_FROM_MY.match(text) or (_MOBILE.match(text) and _DEVICE.search(text)))


def says_something(line: str) -> bool:
    """Whether the line carries words of its own, beyond "FYI", a phone's signature or a rule."""
    return bool(_WORDY.search(line)) and not _EMPTY_WORDS.match(line[:WIDTH]) and not is_mobile_signature(line)
