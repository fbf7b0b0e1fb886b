"""Static files under names that hold their hash, the modules that our scripts import included."""

from whitenoise.storage import CompressedManifestStaticFilesStorage

# Django's own switch for this reads every script, and stumbles over an example in a comment of django-htmx.
OUR_SCRIPTS = ("web/js/*.js", "desk/js/*.js")
IMPORT = (
    r"""(?P<matched>(?P<words>\b(?:import|export)\b[^;'"()]*)["'](?P<url>\.{1,2}/[^"']+)["'])""",
    '%(words)s"%(url)s"',
)


class HashedStorage(CompressedManifestStaticFilesStorage):
    """After an update no page mixes a new script with an old module from the browser's cache."""

    patterns = (*CompressedManifestStaticFilesStorage.patterns, *((scripts, (IMPORT,)) for scripts in OUR_SCRIPTS))
