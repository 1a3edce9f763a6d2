from . import fingerprint, matrix, quorum
