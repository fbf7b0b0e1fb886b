"""Pages that end badly say so in the person's words, and work when nothing else does."""

import pytest
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.test import Client
from django.urls import path
from django.views.decorators.csrf import csrf_protect
from lxml import html

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]


def raising(error):
    @login_not_required
    def view(request):
        raise error

    return view


urlpatterns = [
    path("forbidden/", raising(PermissionDenied())),
    path("suspicious/", raising(SuspiciousOperation())),
    path("broken/", raising(ZeroDivisionError())),
    path("protected/", login_not_required(csrf_protect(lambda request: None))),
]


@pytest.fixture
def visitor():
    return Client(raise_request_exception=False, enforce_csrf_checks=True)


def heading(response) -> str:
    return " ".join(html.fromstring(response.content).find(".//h1").text_content().split())


@pytest.mark.parametrize(
    ("address", "status", "said"),
    [
        ("/nowhere/", 404, "There is nothing at this address"),
        ("/forbidden/", 403, "This door is closed to you"),
        ("/suspicious/", 400, "This request cannot be read"),
        ("/broken/", 500, "Something went wrong on our side"),
    ],
)
def test_each_end_has_its_own_words(visitor, address, status, said):
    response = visitor.get(address)
    assert response.status_code == status
    assert heading(response) == said
    assert html.fromstring(response.content).findtext(".//title").strip().startswith(said)
    assert f"Error {status}" in response.text
    assert "Traceback" not in response.text


def test_a_form_whose_token_is_gone_is_explained_as_an_incomplete_form(visitor):
    response = visitor.post("/protected/")
    assert response.status_code == 403
    assert heading(response) == "This request cannot be read"


def test_a_french_visitor_reads_it_in_french(visitor):
    response = visitor.get("/nowhere/", headers={"accept-language": "fr"})
    assert heading(response) == "Il n’y a rien à cette adresse"
