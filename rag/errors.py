"""Every error that Wenju raises on purpose. The edges turn them into one sentence for the user.

    RagError
    ├── SettingsError     a setting is unknown or has a value it cannot have
    ├── CorpusError       the corpus folder or a file in it cannot be read
    ├── ModelError        an embedding model is missing or cannot be loaded
    └── StoreError       the index folder cannot be used as it is
        ├── IndexMissing  there is no index in the folder
        ├── IndexDamaged  the index is incomplete or its files contradict its manifest
        └── IndexOutdated the index was built with another format, model or settings

Finding no answer is not an error: it is a `Reply` with `answered=False` and a `reason`.
"""


class RagError(Exception):
    """Base of all errors raised on purpose; its message is a sentence fit for the user."""


class SettingsError(RagError):
    """A setting is unknown or has a value it cannot have."""


class CorpusError(RagError):
    """The corpus folder, or a file in it, cannot be read."""


class ModelError(RagError):
    """An embedding model is missing or cannot be loaded."""


class StoreError(RagError):
    """The index folder cannot be used as it is."""


class IndexMissing(StoreError):
    """There is no index in the folder."""


class IndexDamaged(StoreError):
    """The index is incomplete, or its files contradict its manifest."""


class IndexOutdated(StoreError):
    """The index was built with another format version, model or settings."""
