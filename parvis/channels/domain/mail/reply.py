"""What is new in a reply, and what is only quoted along with it.

The house policy: quoted text is folded, never cut. Every line goes, in order, into a visible or a folded
segment. When in doubt a line stays visible: hiding what a customer wrote is worse than showing too much.

- Below an introduction ("On … wrote:"), a header block (From/Sent/To/Subject) or a separator, all is folded.
- An introduction followed by ">" lines folds those; words below them are an answer and stay. Where several
  quotations are answered one by one, they stay too, or the answers would hang in the air.
- Quotations without introduction were put there on purpose: they stay unless nothing follows them.
- Signatures ("-- ", "Sent from my phone") are folded; a closing line and the name are part of the message.
- A forward without a word of one's own stays visible as a whole.
"""

from __future__ import annotations

from dataclasses import dataclass

from . import reply_marks as marks
from .values import Segment

_MAX_LINES = 10_000
_SIGNATURE_LINES = 20
_LOOSE_SIGNATURE_LINES = 8
_HEADER_LINES = 16


@dataclass(slots=True)
class _Quote:
    """Lines of one quotation: ``intro`` (first line of its introduction, = start when none), start, end."""

    intro: int
    start: int
    end: int


def split_reply(text: str) -> tuple[Segment, ...]:
    """The lines of ``text`` (separated by "\\n") as visible and folded segments; linear in its length.

    Of a text beyond all measure the first :data:`_MAX_LINES` lines are looked at, the rest goes with the last of them.
    Joined again in order, the segments give ``text`` exactly. The last visible line before a folded segment is
    never empty.
    """
    lines = text.split("\n")
    seen = lines[:_MAX_LINES]
    folded = _Splitter(seen, text if len(seen) == len(lines) else "\n".join(seen)).folded()
    folded.extend([folded[-1]] * (len(lines) - len(seen)))
    return _segments(lines, folded)


class _Splitter:
    def __init__(self, lines: list[str], text: str) -> None:
        self.lines = [marks.looked_at(line) for line in lines]
        self.blank = [not line.strip() for line in self.lines]
        self.quoted = [bool(marks.QUOTED.match(line)) for line in self.lines]
        self._mend_wrapped_introductions()
        self._mend_wrapped_quotes()
        self.attributions = self._attributions() if marks.may_hold_attribution(text) else {}

    def folded(self) -> list[bool]:
        """One flag per line."""
        count = len(self.lines)
        fold = [False] * count
        start = 0
        cut, kind = self._cut()
        if (
            kind == "attribution"
            and not any(map(marks.says_something, self.lines[:cut]))
            and not any(self.quoted[:cut])
        ):
            # Nothing above the introduction: the words below it are all there is.
            start = self.attributions[cut]
            fold[cut:start] = [True] * (start - cut)
            cut, kind = self._cut(start)
        quotes = self._quotes(start, cut)
        texts = self._text_runs(quotes, start, cut)
        signatures = [self._signature(start, end) for start, end in texts]
        spoken = [
            any(marks.says_something(self.lines[i]) for i in range(start, signature))
            for (start, _), signature in zip(texts, signatures, strict=True)
        ]
        if kind in ("forward", "headers") and not any(spoken) and not any(self.quoted[:cut]):
            return fold
        for (_, end), signature in zip(texts, signatures, strict=True):
            fold[signature:end] = [True] * (end - signature)
        self._fold_quotes(fold, quotes, spoken)
        fold[cut:] = [True] * (count - cut)
        self._fold_rules_before_folds(fold)
        if all(fold[i] or self.blank[i] for i in range(count)) and not any(self.quoted) and cut == count:
            return [False] * count  # nothing but a signature: it is the message
        return fold

    # --- where everything below is somebody else's --------------------------------------------------------

    def _cut(self, start: int = 0) -> tuple[int, str]:
        """First line from which all is folded, and why: attribution, headers, original, forward, above."""
        for i in range(start, len(self.lines)):
            line = self.lines[i]
            if self.blank[i]:
                continue
            if i in self.attributions:
                if not self._is_quoted_after(self.attributions[i]):
                    return i, "attribution"
                continue
            if self.quoted[i]:
                # Some web mailers mark only the first lines of what they quote: their header block tells.
                if not (i and self.quoted[i - 1]) and self._is_header_block(self._skip_banner(i)):
                    return i, "headers"
                continue
            if separator := marks.separator_kind(line):
                return i, separator
            if marks.header_kind(line) and self._is_header_block(i):
                return i, "headers"
        return len(self.lines), ""

    def _skip_banner(self, i: int) -> int:
        """The first line at or below the quoted line ``i`` that is no "> Begin forwarded message:" or empty ">"."""
        for j in range(i, min(i + 4, len(self.lines) - 1)):
            if self.lines[j].strip("> \t") and not marks.separator_kind(self.lines[j]):
                return j
        return i

    def _is_header_block(self, start: int) -> bool:
        """Whether a block of From/Sent/To/Subject lines begins at ``start``.

        Asked are three fields with the subject among them, or two with an address: "De : Paris, À : Lyon,
        Date : 12 mai" is a traveller's wish, not a header.
        """
        if marks.header_kind(self.lines[start]) in ("", "cc", "other"):
            return False
        kinds: set[str] = set()
        mailbox = False
        strays = 0
        for i in range(start, min(start + _HEADER_LINES, len(self.lines))):
            if kind := marks.header_kind(self.lines[i]):
                kinds.add(kind)
                strays = 0
            elif self.blank[i] or not self.lines[i].strip(" >\t"):
                strays += 2
            else:
                strays += 1
            if strays > 3 or (kind == "" and strays > 2 and "subject" in kinds):
                break
            mailbox = mailbox or (strays <= 1 and marks.has_mailbox(self.lines[i]))
        named = kinds & {"from", "sent"}
        return bool(named) and ((len(kinds) >= 3 and "subject" in kinds) or (len(kinds) >= 2 and mailbox))

    # --- introductions ------------------------------------------------------------------------------------

    def _attributions(self) -> dict[int, int]:
        """Introductions outside quotations: first line → line after the last."""
        found: dict[int, int] = {}
        for last, line in enumerate(self.lines):
            if self.blank[last] or self.quoted[last] or not marks.ends_attribution(line):
                continue
            run = last
            while run > max(0, last - marks.ATTRIBUTION_LINES + 1) and not self._breaks(run - 1):
                run -= 1
            lone = not self._is_quoted_after(last + 1)
            starts = [i for i in range(last, run - 1, -1) if marks.opens_attribution(self.lines[i])]
            for start in [*starts, *range(last, run - 1, -1)]:
                if marks.is_attribution(" ".join(self.lines[start : last + 1]), lone):
                    found[start] = last + 1
                    break
        return found

    def _breaks(self, i: int) -> bool:
        """Whether line ``i`` cannot belong to an introduction that goes on below it."""
        if self.blank[i]:
            return not self.lines[i + 1].lstrip().startswith("<")
        return self.quoted[i]

    def _is_quoted_after(self, i: int) -> bool:
        while i < len(self.lines) and self.blank[i]:
            i += 1
        return i < len(self.lines) and self.quoted[i]

    def _mend_wrapped_introductions(self) -> None:
        """ "<info@foo.bar / > wrote:": the second line is no quotation."""
        for i in range(1, len(self.lines)):
            if self.quoted[i] and not (self.quoted[i - 1] and i > 1):
                before = " ".join(self.lines[max(0, i - 3) : i])
                if marks.is_wrapped_end(self.lines[i], before):
                    self.quoted[i] = False

    # --- quotations and what stands between them ----------------------------------------------------------

    def _mend_wrapped_quotes(self) -> None:
        """A line that its mailer wrapped out of a quotation belongs to it: "> … votre compte / cotisation, est"."""
        for i in range(1, len(self.lines) - 1):
            if self.quoted[i] or self.blank[i] or not (self.quoted[i - 1] and self.quoted[i + 1]):
                continue
            before, line = self.lines[i - 1].rstrip(), self.lines[i].strip()
            wrapped = len(before) >= 55 and before[-1] not in ".?!:" and line[0].islower()
            if wrapped or line.startswith(("(http", "<http")):
                self.quoted[i] = True

    def _quotes(self, start: int, cut: int) -> list[_Quote]:
        """Quotations above ``cut``; empty lines between quoted ones belong to them."""
        introduced = {end: start for start, end in self.attributions.items()}
        found: list[_Quote] = []
        i = start
        while i < cut:
            if not self.quoted[i]:
                i += 1
                continue
            end = after = i + 1
            while after < cut and (self.quoted[after] or self.blank[after]):
                after += 1
                end = after if self.quoted[after - 1] else end
            before = i
            while before > 0 and self.blank[before - 1]:
                before -= 1
            found.append(_Quote(introduced.get(before, i), i, end))
            i = after
        return found

    def _text_runs(self, quotes: list[_Quote], start: int, cut: int) -> list[tuple[int, int]]:
        """The runs of lines before, between and after the quotations (one more than there are)."""
        edges = [start, *(edge for quote in quotes for edge in (quote.intro, quote.end)), cut]
        return list(zip(edges[::2], edges[1::2], strict=True))

    def _fold_quotes(self, fold: list[bool], quotes: list[_Quote], spoken: list[bool]) -> None:
        last_words = max((index for index, speaks in enumerate(spoken) if speaks), default=-1)
        inline = sum(spoken[index + 1] for index in range(len(quotes))) > 1
        for index, quote in enumerate(quotes):
            answered = index < last_words
            first, introduced = quote.intro, quote.intro < quote.start
            stays = answered and (inline or not introduced)
            last = quote.start if stays else quote.end  # of one that stays, only the introduction goes
            fold[first:last] = [True] * (last - first)

    # --- signatures and rules -----------------------------------------------------------------------------

    def _signature(self, start: int, end: int) -> int:
        """First line of the signature that ends the run ``[start, end)``, ``end`` when there is none."""
        written: list[int] = []  # the last lines that are not empty, upwards
        for i in range(end - 1, start - 1, -1):
            if not self.blank[i]:
                written.append(i)
                if len(written) > _SIGNATURE_LINES:
                    break
        for rest in range(len(written) - 1, -1, -1):
            i = written[rest]
            line = self.lines[i]
            if marks.STRICT_SIGNATURE.match(line):
                return i
            if marks.DASHES.match(line):
                above = self.lines[written[rest + 1]].rstrip() if rest + 1 < len(written) else ""
                if not above.endswith(":") and self._looks_like_signature(written[:rest]):
                    return i
            elif marks.is_mobile_signature(line) and (i == start or self.blank[i - 1] or rest == 0):
                return i
        return end

    def _looks_like_signature(self, below: list[int]) -> bool:
        """Whether the lines below a rule are few, short and no sentences that ask for an answer."""
        rest = [self.lines[i].strip() for i in below]
        return len(rest) <= _LOOSE_SIGNATURE_LINES and all(
            len(line) <= 80 and not line.endswith(("?", "!", ",", ":")) for line in rest
        )

    def _fold_rules_before_folds(self, fold: list[bool]) -> None:
        """Rules and empty lines directly above folded lines, or at the end, go with them."""
        below = True
        for i in range(len(self.lines) - 1, -1, -1):
            if fold[i]:
                below = True
            elif not self.blank[i]:
                line = self.lines[i]
                introduces = self._is_quoted_after(i + 1) and marks.is_short_introduction(line)
                fold[i] = below = below and (introduces or marks.RULE.match(line) is not None)


def _segments(lines: list[str], folded: list[bool]) -> tuple[Segment, ...]:
    """Runs of equal flags; empty lines above a folded run go with it."""
    for i in range(len(lines) - 2, -1, -1):
        if not folded[i] and folded[i + 1] and not lines[i].strip():
            folded[i] = True
    found: list[Segment] = []
    start = 0
    for i in range(1, len(lines) + 1):
        if i == len(lines) or folded[i] != folded[start]:
            found.append(Segment(folded[start], tuple(lines[start:i])))
            start = i
    return tuple(found)
