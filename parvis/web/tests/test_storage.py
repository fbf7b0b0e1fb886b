"""Every file of a page carries its hash, or an update would mix old scripts with new ones."""

import re
import shutil
from pathlib import Path

import pytest

from parvis.web.storage import OUR_SCRIPTS, HashedStorage

PACKAGE = Path(__file__).resolve().parents[2]


@pytest.fixture
def collected(tmp_path):
    """Our scripts as collectstatic leaves them: (storage, folder)."""
    storage = HashedStorage(location=tmp_path, base_url="/static/")
    for scripts in OUR_SCRIPTS:
        context = scripts.split("/")[0]
        shutil.copytree(PACKAGE / context / "static" / context / "js", tmp_path / context / "js")
    paths = {str(path.relative_to(tmp_path)): None for path in tmp_path.rglob("*.js")}
    outcomes = list(storage.post_process({name: (storage, name) for name in paths}))
    assert not [result for _name, _hashed, result in outcomes if isinstance(result, Exception)]
    return storage, tmp_path


def test_a_script_imports_modules_under_their_hashed_names(collected):
    storage, folder = collected
    entry = folder / storage.stored_name("web/js/main.js")
    imported = re.findall(r'import "(\./[^"]+)"', entry.read_text(encoding="utf-8"))
    assert len(imported) >= 10
    for name in imported:
        assert re.search(r"\.[0-9a-f]{12}\.js$", name), name
        assert (entry.parent / name).is_file(), name


def test_a_change_in_a_module_changes_the_name_of_what_imports_it(collected, tmp_path_factory):
    storage, folder = collected
    before = storage.stored_name("web/js/palette.js"), storage.stored_name("web/js/theme.js")
    (folder / "web/js/keys.js").open("a").write("// changed\n")
    again = HashedStorage(location=folder, base_url="/static/")
    list(
        again.post_process(
            {f"web/js/{n}.js": (again, f"web/js/{n}.js") for n in ("keys", "palette", "shared", "theme", "list")}
        )
    )
    after = again.stored_name("web/js/palette.js"), again.stored_name("web/js/theme.js")
    assert after[0] != before[0]
    assert after[1] == before[1]


def test_every_context_with_scripts_is_known():
    contexts = {path.parts[-3] for path in PACKAGE.glob("*/static/*/js/*.js") if "import" in path.read_text()}
    assert {f"{context}/js/*.js" for context in contexts} <= set(OUR_SCRIPTS)
