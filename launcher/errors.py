"""What can go wrong, in one sentence that says what to do."""

import re

DISK_FULL = re.compile(r"No space left on device|Disk quota exceeded|Errno 28|ENOSPC")
NO_NETWORK = re.compile(
    r"Could not resolve|Temporary failure|Name or service not known"
    r"|Network is unreachable|Could not connect|Unable to connect|Connection refused"
    r"|Connection timed out|ConnectTimeout|ReadTimeout|Failed to establish"
    r"|NewConnectionError|EAI_AGAIN|ENOTFOUND|ECONNREFUSED|ETIMEDOUT"
)
ERROR_LINE = re.compile(r"(\S+\.)?\w*(Error|Exception)\b.*: |(ERROR|E|error): ")
NOT_WRITABLE = re.compile(r"Permission denied|Read-only file system|EACCES|EROFS")


class SetupError(Exception):
    """A failure that a person can mend; its text is one sentence saying how."""


def explain(output, task, folder, log, *, online=False):
    """Turn the output of a failed command into a SetupError.

    :param str output: what the command printed
    :param str task: what it was doing, as a noun phrase ("Download of Odoo 19")
    :param folder: the folder it was writing to
    :param log: the file that keeps the whole output
    :param bool online: whether the command was fetching something
    """
    if DISK_FULL.search(output):
        return disk_full(folder)
    if online and NO_NETWORK.search(output):
        return SetupError(
            f"{task} failed because the network or the mirror cannot be reached: check "
            f"the connection and the proxy settings, then run the same command again "
            f"(it goes on where it stopped)."
        )
    if NOT_WRITABLE.search(output):
        return not_writable(folder)
    return SetupError(f"{task} failed ({telling_line(output)}): {log} has the details.")


def telling_line(output):
    """The last line that names an error, else the last line."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    errors = [line for line in lines if ERROR_LINE.match(line)]
    return (errors or lines or ["no output"])[-1]


def disk_full(folder):
    return SetupError(
        f"The disk that holds {folder} is full: free some space or choose another "
        "folder "
        f"with --home, then run the same command again."
    )


def not_writable(folder):
    return SetupError(
        f"The folder {folder} cannot be written by this user: change its owner, or "
        "choose "
        f"another folder with --home."
    )
