"""What can go wrong here.

NluError
├── ModelError       a model archive or folder that cannot be used; never answered with an untrained one
├── TrainingError    training data nothing can be learnt from
├── CatalogueError   the file of products' names is malformed
└── TableError       a file of the evaluation door is malformed; names the line
"""


class NluError(Exception):
    """Base of this package's errors; `str()` is one sentence for who runs the command."""


class ModelError(NluError):
    """The model cannot be used: missing, cut short, of another format, or made with other packages."""


class TrainingError(NluError):
    """The training data does not allow a classifier."""


class CatalogueError(NluError):
    """The products' file cannot be read; names the entry."""


class TableError(NluError):
    """A line that is not `intent<TAB>text`."""
