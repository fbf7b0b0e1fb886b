"""HTML of strangers made safe to show in a sandboxed frame, remote pictures switched off.

ammonia (through nh3) parses like a browser and writes canonical HTML: every tag closed, every attribute in
double quotes with its quotes escaped. What follows it here, and in :mod:`.htmltext`, relies on that.
"""

from __future__ import annotations

import re
from urllib.parse import unquote

import nh3

from .wordsets import words

MAX_LENGTH = 8_000_000  # characters
MAX_TAGS = 100_000
MAX_DEPTH = 256

_TAGS = words(
    """a abbr address article aside b bdi bdo big blockquote br caption center cite code col colgroup dd del details
    dfn div dl dt em figcaption figure font footer h1 h2 h3 h4 h5 h6 header hr i img ins kbd li main mark nav ol p
    pre q rp rt ruby s samp section small span strike strong sub summary sup table tbody td tfoot th thead time tr
    tt u ul var wbr"""
)
# Elements that change how HTML is read, though none of them survives.
_STRUCTURAL = words(
    """html head body title meta link script style base form input button select option optgroup textarea label
    fieldset legend iframe object embed applet param audio video source canvas map area picture svg math noscript
    noframes noembed frameset frame nobr listing plaintext xmp marquee dir menu dialog image"""
)
# Their text is no text of the mail.
_SILENT = {"script", "style", "title"}
_BOX = {"align", "valign", "width", "height", "bgcolor"}
_ATTRIBUTES = {
    "*": {"dir", "lang", "style", "title"},
    "a": {"href"},
    "img": {"src", "alt", "width", "height", "align", "border"},
    "table": _BOX | {"border", "cellpadding", "cellspacing", "summary"},
    "td": _BOX | {"colspan", "rowspan", "nowrap"},
    "th": _BOX | {"colspan", "rowspan", "nowrap", "scope"},
    "tr": _BOX,
    "tbody": _BOX,
    "thead": _BOX,
    "tfoot": _BOX,
    "col": _BOX | {"span"},
    "colgroup": _BOX | {"span"},
    "div": {"align"},
    "p": {"align"},
    "h1": {"align"},
    "h2": {"align"},
    "h3": {"align"},
    "hr": {"align", "width", "size", "color"},
    "font": {"color", "face", "size"},
    "ol": {"start", "type", "reversed"},
    "ul": {"type"},
    "li": {"value"},
    "time": {"datetime"},
    "bdo": {"dir"},
    "blockquote": {"type"},
}
# Nothing that loads (background, list-style-image, content), escapes its box (position) or runs.
_STYLES = words(
    """background-color border border-bottom border-bottom-color border-bottom-style border-bottom-width
    border-collapse border-color border-left border-left-color border-left-style border-left-width border-radius
    border-right border-right-color border-right-style border-right-width border-spacing border-style border-top
    border-top-color border-top-style border-top-width border-width caption-side clear color direction display
    empty-cells float font font-family font-size font-style font-variant font-weight height letter-spacing
    line-height list-style-type margin margin-bottom margin-left margin-right margin-top max-height max-width
    min-height min-width padding padding-bottom padding-left padding-right padding-top table-layout text-align
    text-decoration text-indent text-transform vertical-align white-space width word-break word-spacing
    word-wrap overflow-wrap"""
)
_LINK = re.compile(r"(?:https?|mailto|tel|sms):", re.I)
_REMOTE = re.compile(r"(?:https?:)?//", re.I)
_RASTER = re.compile(r"data:image/(?:png|jpe?g|gif|webp|bmp);base64,[A-Za-z0-9+/=\s]+\Z", re.I)
_URL_JUNK = re.compile(r"[\t\r\n]")
# Beyond what a declaration of the allowed properties ever needs.
_BAD_STYLE = re.compile(r"url\s*\(|image\s*\(|image-set|expression|javascript|@import|behavior|binding|[\\<>{}]", re.I)
_COMMENT = re.compile(r"/\*.*?(?:\*/|\Z)", re.S)
_TAG = re.compile(r"<(/?)([a-zA-Z][^\s/>]{0,30})[^>]*>?")
_FOREIGN = re.compile(rf"<(/?)(?!(?:{'|'.join(sorted(_TAGS | _STRUCTURAL))})[\s/>])([a-zA-Z][^\s/>]*)", re.I)
_NEVER_DEEP = words("area base br col embed hr img input link meta param source track wbr p li td th tr dd dt")
_IMG = re.compile(r'<img((?: [\w-]+="[^"]*")*)>')
_SRC = re.compile(r' src="([^"]*)"')


def _filter(tag: str, name: str, value: str) -> str | None:
    """Second look at what the allow-list lets through."""
    if name == "style":
        return _safe_style(value)
    if name == "href":
        value = _URL_JUNK.sub("", value).strip()
        return value if _LINK.match(value) else None
    if name == "src":
        value = _URL_JUNK.sub("", value).strip()
        if value[:4].lower() == "cid:":
            return "cid:" + unquote(value[4:])
        return value if _REMOTE.match(value) or _RASTER.match(value) else None
    return value


def _safe_style(value: str) -> str | None:
    value = _COMMENT.sub("", value)
    if _BAD_STYLE.search(value):
        value = ";".join(rule for rule in value.split(";") if not _BAD_STYLE.search(rule))
    return value or None


_CLEANER = nh3.Cleaner(
    tags=set(_TAGS),
    clean_content_tags=_SILENT,
    attributes=_ATTRIBUTES,
    attribute_filter=_filter,
    strip_comments=True,
    link_rel="noopener noreferrer nofollow",
    url_schemes={"http", "https", "mailto", "tel", "sms", "cid", "data"},
    set_tag_attribute_values={"a": {"target": "_blank"}},
    filter_style_properties=set(_STYLES),
)


def sanitise(html: str) -> str:
    """``html`` (a document or a fragment, any rubbish) as a safe fragment.

    Links open outside, without referrer. Pictures load nothing: the address of a remote one stands in
    ``data-remote-src`` (to be switched on by the reader), the Content-ID of an attached one in ``data-cid``;
    only small inlined raster pictures (``data:image/png`` and the like) keep their ``src``.
    """
    return _IMG.sub(_quiet, _CLEANER.clean(_FOREIGN.sub(_tamed, _bounded(html))))


def _tamed(tag: re.Match[str]) -> str:
    """Elements that HTML does not know, as neutral ones, or ammonia drops what stands in them (``<text>``, ``<root>``).

    An address in angle brackets that somebody forgot to escape becomes the text it was meant to be.
    """
    return f"&lt;{tag[1]}{tag[2]}" if "@" in tag[2] else f"<{tag[1]}span"


def is_too_large(html: str) -> bool:
    """Whether :func:`sanitise` would leave out the end of ``html``."""
    return len(html) > MAX_LENGTH or html.count("<") > MAX_TAGS


def _bounded(html: str) -> str:
    """``html`` without what makes a browser's parsing rules cost the square of the input: endless nesting.

    Opening tags beyond :data:`MAX_DEPTH` open elements are dropped, their text stays. Open elements are counted
    by name, so that stray closing tags hide none; too many counted is harmless, too few is not.
    """
    html = html[:MAX_LENGTH]
    if html.count("<") <= MAX_DEPTH:
        return html
    open_now: dict[str, int] = {}
    depth = tags = at = 0
    kept: list[str] = []
    for tag in _TAG.finditer(html):
        tags += 1
        if tags > MAX_TAGS:
            return "".join([*kept, html[at : tag.start()]])
        name = tag[2].lower()
        if name in _NEVER_DEEP:
            continue
        if tag[1]:
            if open_now.get(name, 0):
                open_now[name] -= 1
                depth -= 1
        elif depth < MAX_DEPTH:
            open_now[name] = open_now.get(name, 0) + 1
            depth += 1
        else:
            kept.append(html[at : tag.start()])
            at = tag.end()
    return "".join([*kept, html[at:]])


def _quiet(image: re.Match[str]) -> str:
    return f"<img{_SRC.sub(_moved, image[1])}>"


def _moved(source: re.Match[str]) -> str:
    address = source[1]
    if address[:4].lower() == "cid:":
        return f' data-cid="{address[4:]}"'
    return f' data-remote-src="{address}"' if _REMOTE.match(address) else source[0]
