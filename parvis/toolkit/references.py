"""Models that people name by a reference such as E-7K3F9."""

from typing import ClassVar

from parvis.kernel.errors import Invalid, NotFound
from parvis.kernel.references import number_of, reference_of


class Referenced:
    """Gives a model its `reference`, computed from its primary key."""

    REFERENCE_PREFIX: ClassVar[str]
    pk: int

    @property
    def reference(self) -> str:
        return reference_of(self.REFERENCE_PREFIX, self.pk)

    @classmethod
    def pk_of(cls, reference: str) -> int:
        """The primary key a reference stands for. Raises NotFound for one that cannot be ours."""
        try:
            return number_of(reference, cls.REFERENCE_PREFIX)
        except Invalid as error:
            raise NotFound(error.message, code="not_found") from error
