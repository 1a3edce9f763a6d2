"""Secrets that must sign, encrypted with a key that is not in the database.

A copy of the database is worthless to a forger: the file with the key stays
where it is. The file holds one Fernet key a line; the first encrypts, all of them
decrypt, so a key is replaced by putting a new one on top.
"""

import os
import stat
import tempfile
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

ENVIRONMENT_VARIABLE = "RETAIL_OPS_SECRET_KEY_FILE"
OPTION = "retail_ops_secret_key_file"
DEFAULT_NAME = Path("retail_ops") / "secret.key"


class SecretBoxError(Exception):
    """The key file cannot be used, or does not open this secret."""


def key_file(options, data_dir, environ=None):
    """Return the path of the key file.

    :param options: mapping of the server's configuration
    :param data_dir: text, the server's data folder
    :param environ: mapping that comes first, the process's environment if None
    """
    environ = os.environ if environ is None else environ
    named = environ.get(ENVIRONMENT_VARIABLE) or options.get(OPTION)
    return Path(named) if named else Path(data_dir) / DEFAULT_NAME


def open_box(path):
    """Return a box to encrypt and decrypt with; the file is made when missing.

    :param path: pathlib.Path
    :return: MultiFernet
    :raise SecretBoxError: unreadable, readable by others, or not a key file
    """
    try:
        if not path.exists():
            _create(path)
        if stat.S_IMODE(path.stat().st_mode) & 0o077:
            raise SecretBoxError(
                f"{path} must be readable by its owner only: chmod 600"
            )
        lines = path.read_text(encoding="ascii").split()
        return MultiFernet([Fernet(line) for line in lines])
    except OSError as error:
        raise SecretBoxError(f"{path} cannot be used: {error.strerror}") from error
    except ValueError as error:
        raise SecretBoxError(f"{path} holds no Fernet key, one a line") from error


def seal(box, secret):
    """Return a secret as an encrypted text."""
    return box.encrypt(secret.encode()).decode("ascii")


def unseal(box, sealed):
    """Return the secret of an encrypted text.

    :raise SecretBoxError: when another key file encrypted it
    """
    try:
        return box.decrypt(sealed.encode("ascii")).decode()
    except InvalidToken as error:
        raise SecretBoxError("the key file does not open this secret") from error


def _create(path):
    """Write a new key, complete or not at all, and keep one that came first."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle, temporary = tempfile.mkstemp(dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(Fernet.generate_key() + b"\n")
        os.link(temporary, path)
    except FileExistsError:
        return
    finally:
        os.unlink(temporary)
