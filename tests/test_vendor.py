"""What is vendored is what was pinned."""

import json

import pytest

from scripts import vendor


def test_every_vendored_file_is_named_pinned_and_unchanged():
    for path in vendor.MANIFESTS:
        assert vendor.differences(path.parent, json.loads(path.read_text(encoding="utf-8"))) == []


def test_every_package_has_a_version_and_its_licence_beside_it():
    for path in vendor.MANIFESTS:
        for package in json.loads(path.read_text(encoding="utf-8"))["packages"]:
            assert package["version"]
            assert package["licence"]
            assert any("LICENSE" in file["to"] for file in package["files"]), package["name"]


@pytest.fixture
def manifest():
    return {
        "packages": [{"name": "thing", "version": "1.0.0", "licence": "MIT", "files": [{"from": "a", "to": "x/a"}]}]
    }


@pytest.fixture
def npm(monkeypatch):
    """What `npm pack` would bring, by the path inside the package."""
    content = {"a": b"first"}
    monkeypatch.setattr(vendor, "unpack", lambda name, version, files: [(f, content[f["from"]]) for f in files])
    return content


def test_a_first_fetch_writes_and_pins_and_the_next_one_accepts_the_same(tmp_path, manifest, npm):
    package = manifest["packages"][0]
    assert vendor.fetch(tmp_path, package, pin=False) == []
    assert (tmp_path / "x/a").read_bytes() == b"first"
    assert vendor.fetch(tmp_path, package, pin=False) == []
    assert vendor.differences(tmp_path, manifest) == []


def test_content_that_is_not_the_pinned_one_is_refused_and_not_written(tmp_path, manifest, npm):
    package = manifest["packages"][0]
    vendor.fetch(tmp_path, package, pin=False)
    npm["a"] = b"tampered"
    assert vendor.fetch(tmp_path, package, pin=False) == ["thing@1.0.0 a: not the pinned content"]
    assert (tmp_path / "x/a").read_bytes() == b"first"
    assert vendor.fetch(tmp_path, package, pin=True) == []
    assert (tmp_path / "x/a").read_bytes() == b"tampered"


def test_changed_missing_and_stray_files_are_each_reported(tmp_path, manifest, npm):
    vendor.fetch(tmp_path, manifest["packages"][0], pin=False)
    (tmp_path / "x/a").write_bytes(b"edited by hand")
    (tmp_path / "stray.js").write_text("")
    lines = vendor.differences(tmp_path, manifest)
    assert [line.split(": ")[1] for line in lines] == ["not named in VERSIONS.json", "not the pinned content"]
    (tmp_path / "x/a").unlink()
    assert any(line.endswith("x/a: missing") for line in vendor.differences(tmp_path, manifest))


def test_what_the_manifest_no_longer_names_is_removed(tmp_path, manifest, npm):
    path = tmp_path / "VERSIONS.json"
    path.write_text("{}")
    (tmp_path / "stray.js").write_text("")
    vendor.fetch(tmp_path, manifest["packages"][0], pin=False)
    vendor.remove_unnamed(path, manifest)
    assert sorted(p.name for p in tmp_path.rglob("*") if p.is_file()) == ["VERSIONS.json", "a"]


def test_icons_are_added_once_and_in_order():
    manifest = {"packages": [{"name": vendor.ICONS, "files": [{"from": "LICENSE", "to": "icons/LICENSE.txt"}]}]}
    vendor.add_icons(manifest, ["key", "bell", "key"])
    vendor.add_icons(manifest, ["bell"])
    assert [f["to"] for f in manifest["packages"][0]["files"]] == [
        "icons/LICENSE.txt",
        "icons/bell.svg",
        "icons/key.svg",
    ]


def test_the_manifest_reads_back_as_it_was_with_a_line_per_file(manifest):
    text = vendor.as_text(manifest)
    assert json.loads(text) == manifest
    assert len([line for line in text.splitlines() if '"from"' in line]) == 1
