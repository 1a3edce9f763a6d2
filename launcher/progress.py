"""Progress on the terminal: one line a step, with sizes and elapsed time."""

import contextlib
import sys
import time

SECONDS_BETWEEN_PLAIN_LINES = 15


def size(count):
    """Bytes as a person reads them: 1234567 -> '1.2 MB'."""
    for unit in ("B", "kB", "MB"):
        if count < 1000:
            return f"{count:.0f} {unit}" if unit == "B" else f"{count:.1f} {unit}"
        count /= 1000
    return f"{count:.1f} GB"


class Step:
    """A running step; `detail` is shown while it runs and when it ends."""

    def __init__(self, name, stream):
        self.name = name
        self.stream = stream
        self.detail = ""
        self.mark = "ok"
        self.began = time.monotonic()
        self.spoke = self.began

    @property
    def seconds(self):
        return time.monotonic() - self.began

    def tick(self, detail=""):
        """Show how far the step is; cheap enough to call several times a second."""
        self.detail = detail or self.detail
        if self.stream.isatty():
            self._write(f"\r\033[K  ..  {self._text()}")
        elif time.monotonic() - self.spoke > SECONDS_BETWEEN_PLAIN_LINES:
            self.spoke = time.monotonic()
            self._write(f"  ..  {self._text()}\n")

    def fail_if(self, failed):
        """Mark a step that came to its end with a bad result."""
        self.mark = "!!" if failed else self.mark

    def end(self):
        start = "\r\033[K" if self.stream.isatty() else ""
        self._write(f"{start}  {self.mark:<3} {self._text()}\n")

    def _text(self):
        facts = ", ".join(filter(None, (self.detail, f"{self.seconds:.1f} s")))
        return f"{self.name} ({facts})"

    def _write(self, text):
        self.stream.write(text)
        self.stream.flush()


class Progress:
    """Where steps and remarks are written."""

    def __init__(self, stream=None):
        self.stream = stream or sys.stdout

    @contextlib.contextmanager
    def step(self, name):
        """Announce a step, and say how it ended and how long it took."""
        step = Step(name, self.stream)
        step.tick()
        try:
            yield step
        except BaseException:
            step.mark = "--"
            raise
        finally:
            step.end()

    def say(self, text=""):
        self.stream.write(f"{text}\n")
        self.stream.flush()
