import pytest
from hypothesis import given
from hypothesis import strategies as st

from parvis.kernel.errors import ParvisError
from parvis.kernel.references import number_of, reference_of


@given(st.integers(1, 10**12))
def test_a_reference_leads_back_to_its_row(number: int) -> None:
    assert number_of(reference_of("E", number), "E") == number


def test_neighbours_do_not_look_alike() -> None:
    assert reference_of("E", 41)[:4] != reference_of("E", 42)[:4]


def test_references_are_found_as_people_type_them() -> None:
    assert number_of(reference_of("P", 7).lower().replace("-", " "), "P") == 7


def test_the_reference_of_another_kind_names_nothing() -> None:
    with pytest.raises(ParvisError):
        number_of("E-1", "E")
