"""docs/api.md names paths, scopes, views and codes that the API has."""

import json
import re
from pathlib import Path

from parvis.config.api import api
from parvis.staff.api import FAILURES, REMEMBERED_SECONDS, SCOPES

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "api.md").read_text()
COMMANDS = "\n".join(line[4:] for line in PAGE.splitlines() if line.startswith("    ")).replace("\\\n", " ")
SCHEMA = json.loads(json.dumps(api.get_openapi_schema(), default=str))
CALL = re.compile(
    r"curl -s(?: -X (?P<method>[A-Z]+))? \"?\$API(?P<path>/[^\s\"?]*)(?:\?(?P<query>[^\s\"]*))?\"?(?P<rest>.*)"
)


def calls() -> list[tuple[str, str, set[str], str]]:
    """The calls of the page: method, path as the schema writes it, names in the query, the rest of the command."""
    found = []
    for match in CALL.finditer(COMMANDS):
        path = match["path"]
        for part, name in (("O", "slug"), ("R", "resource_id"), ("A", "absence_id"), ("K", "counter_id")):
            path = path.replace(f"/${part}", f"/{{{name}}}")
        path = "/api/v1" + re.sub(r"/\$[A-Z]", "/{reference}", path)
        names = {part.partition("=")[0] for part in (match["query"] or "").split("&") if part}
        found.append(((match["method"] or "GET").lower(), path, names, match["rest"]))
    return found


def test_every_call_is_an_operation_with_the_parameters_it_gives():
    assert len(calls()) == COMMANDS.count("curl ")
    for method, path, names, __ in calls():
        operation = SCHEMA["paths"][path][method]
        assert names <= {p["name"] for p in operation.get("parameters", []) if p["in"] == "query"}, (method, path)


def test_every_body_fits_the_schema_of_its_operation():
    sent = 0
    for method, path, __, rest in calls():
        found = re.search(r"-d (?:'(\{[^']*\})'|\"(\{.*\})\")", rest)
        if not found:
            continue
        body = json.loads(found[1] or found[2].replace('\\"', '"').replace("$R", "1").replace("$L", "1"))
        content = SCHEMA["paths"][path][method]["requestBody"]["content"]["application/json"]["schema"]
        fields = SCHEMA["components"]["schemas"][content["$ref"].rpartition("/")[2]]
        assert set(body) <= set(fields["properties"]), (method, path)
        assert set(fields.get("required", [])) <= set(body), (method, path)
        sent += 1
    assert sent > 10


def test_every_resource_of_the_api_is_shown():
    shown = {path.split("/")[3] for __, path, __, __ in calls()}
    assert shown == {path.split("/")[3] for path in SCHEMA["paths"]}


def test_scopes_views_and_limits_are_those_of_the_code():
    assert set(re.findall(r"`([a-z]+:(?:read|write))`", PAGE)) == set(SCOPES)
    [view] = [p for p in SCHEMA["paths"]["/api/v1/encounters"]["get"]["parameters"] if p["name"] == "view"]
    assert {f"`{name}`" for name in view["schema"]["enum"]} <= set(re.findall(r"`[a-z_]+`", PAGE))
    assert (FAILURES, REMEMBERED_SECONDS) == (30, 2.0)


def test_the_readme_leads_to_it():
    assert "(docs/api.md)" in (Path(__file__).resolve().parents[2] / "README.md").read_text()
