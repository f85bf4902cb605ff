"""Makes imagecorruptions 1.1.2, the Python reference of ImageNet-C, importable on today's NumPy, SciPy and setuptools.

The installed package's files are read, four expressions are replaced that no longer exist, and the copy is written to a folder
outside the repository and imported from there as `imagecorruptions_patched`. None of the four touches a value. The numba fork
imagecorruptions-imaug has the same module name: install it with `pip install --no-deps --target <folder>` and see `import_fork`.
"""

import atexit
import importlib
import importlib.util
import pathlib
import shutil
import sys
import tempfile

NAME = "imagecorruptions_patched"

REPLACEMENTS = {
    "np.float_": "np.float64",
    "multichannel=True": "channel_axis=-1",
    "from scipy.ndimage.interpolation import": "from scipy.ndimage import",
    "from pkg_resources import resource_filename": (
        "resource_filename = lambda _, name: os.path.join(os.path.dirname(__file__), name)"
    ),
}


def installed_folder():
    spec = importlib.util.find_spec("imagecorruptions")
    if spec is None:
        raise SystemExit("imagecorruptions is missing: pip install -r requirements-corruptions.txt, as its first lines say")
    return pathlib.Path(spec.origin).parent


def write_patched(folder):
    """Writes the package into `folder` (made where it is missing) and returns the package's own folder."""
    source, target = installed_folder(), pathlib.Path(folder) / NAME
    text = (source / "corruptions.py").read_text()
    for old, new in REPLACEMENTS.items():
        if old not in text:
            raise SystemExit(f"{source} holds no `{old}`: is it imagecorruptions 1.1.2?")
        text = text.replace(old, new)
    shutil.copytree(source / "frost", target / "frost", dirs_exist_ok=True)
    (target / "__init__.py").write_text((source / "__init__.py").read_text())
    (target / "corruptions.py").write_text(text)
    return target


def import_patched(folder=None):
    """The patched package; its functions and building blocks are in its attribute `corruptions`.

    Without a folder the copy lies in a temporary one that goes with the process.
    """
    if folder is None:
        folder = tempfile.mkdtemp(prefix="snellen-corruptions-")
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
    write_patched(folder)
    sys.path.insert(0, str(folder))
    return importlib.import_module(NAME)


def import_fork(folder):
    """imagecorruptions-imaug from the folder that it was installed into."""
    sys.path.insert(0, str(folder))
    fork = importlib.import_module("imagecorruptions")
    if pathlib.Path(folder).resolve() not in pathlib.Path(fork.__file__).resolve().parents:
        raise SystemExit(f"{folder} holds no imagecorruptions-imaug")
    return fork
