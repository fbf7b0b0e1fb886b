"""What a text of the house is."""

from dataclasses import dataclass


@dataclass(frozen=True)
class HouseText:
    """A text in the languages of Parvis, the placeholders it may carry, and those without which it is no use.

    A text message (`is_sms`) has no subject, and its length is counted in segments.
    """

    subject: dict[str, str]
    body: dict[str, str]
    placeholders: tuple[str, ...]
    needed: tuple[str, ...] = ()
    is_sms: bool = False
