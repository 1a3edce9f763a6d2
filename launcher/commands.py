"""Running other programs: watched, logged, stopped with us, explained on failure."""

import ctypes
import os
import signal
import subprocess
import sys
import threading
import time

from .errors import SetupError, explain

SECONDS_BETWEEN_LOOKS = 0.2
SECONDS_TO_STOP = 20
PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None
# Set when a person stops the launcher: programs that other threads watch end as well.
INTERRUPTED = threading.Event()


def end_with_parent():
    """In a new child on Linux: get SIGTERM when the launcher dies, however it dies."""
    if LIBC:
        LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def clean_environment(**extra):
    """The caller's environment less what would redirect Odoo, PostgreSQL, Python."""
    foreign = ("PG", "ODOO_", "PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV")
    kept = {
        key: value for key, value in os.environ.items() if not key.startswith(foreign)
    }
    return {
        **kept,
        "LC_ALL": "C.UTF-8",
        **{key: str(value) for key, value in extra.items()},
    }


def output_of(command, **options):
    """Standard output of a short command; '' when it fails or does not exist."""
    try:
        done = subprocess.run(
            [str(part) for part in command],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            stdin=subprocess.DEVNULL,
            text=True,
            check=False,
            timeout=options.pop("timeout", 60),
            **options,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout if done.returncode == 0 else ""


def start(command, log, **options):
    """Start a program of its own session whose output goes to the file `log`."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with open(log, "ab") as output:
        return subprocess.Popen(
            [str(part) for part in command],
            stdin=options.pop("stdin", subprocess.DEVNULL),
            stdout=options.pop("stdout", output),
            stderr=options.pop("stderr", output),
            start_new_session=True,
            preexec_fn=end_with_parent,
            **options,
        )


def stop(process, kind=signal.SIGTERM):
    """Ask a program's whole session to stop, and end it when it does not."""
    if process.poll() is not None:
        return
    _signal_session(process, kind)
    try:
        process.wait(SECONDS_TO_STOP)
    except subprocess.TimeoutExpired:
        _signal_session(process, signal.SIGKILL)
        process.wait()


def _signal_session(process, kind):
    try:
        os.killpg(process.pid, kind)
    except ProcessLookupError:
        process.poll()


def attempt(command, *, step, log, measure=None, **options):
    """Run a long command to its end and show its progress.

    :param measure: called while the command runs, returns the detail to show
    :return: the exit code and the output, which the file `log` keeps too
    :raises SetupError: there is no such program
    """
    begin = log.stat().st_size if log.exists() else 0
    try:
        process = start(command, log, **options)
    except FileNotFoundError:
        raise SetupError(
            f"The program '{command[0]}' is missing: install it."
        ) from None
    try:
        while process.poll() is None:
            if INTERRUPTED.is_set():
                raise KeyboardInterrupt
            step.tick(measure() if measure else "")
            time.sleep(SECONDS_BETWEEN_LOOKS)
    finally:
        stop(process)
    with open(log, "rb") as output:
        output.seek(begin)
        return process.returncode, output.read().decode(errors="replace")


def run(command, task, *, log, folder, online=False, **options):
    """Like attempt, for a command that has to succeed.

    :param str task: a noun phrase for the sentence of a failure
    :param folder: where the command writes, named when the disk is full
    :param bool online: whether the command fetches something
    :return: the output
    :raises SetupError: the command failed
    """
    code, output = attempt(command, log=log, **options)
    if code:
        raise explain(output, task, folder, log, online=online)
    return output


def space_used(folder):
    """Bytes that a folder takes on the disk, cheap enough to ask while it grows."""
    counted = output_of(["du", "-sk", folder], env=clean_environment()).split()
    return int(counted[0]) * 1024 if counted else 0
