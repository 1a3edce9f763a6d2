"""A receiver on the loopback interface that answers as a test wants."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Receiver:
    """Answers POSTs with what ``answers`` holds, the last one for ever.

    An answer is a status, or a tuple (status, headers dict, body bytes), or a
    function taking the request handler.
    """

    def __init__(self, test, *answers, port=0):
        """Listen until the test ends.

        :param test: the test case
        :param port: int, 0 for any that is free
        """
        self.answers = list(answers) or [204]
        self.requests = []
        self.paths = []
        self.ended = threading.Event()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                receiver._answer(self)

            def do_GET(self):
                receiver.paths.append(self.path)
                receiver._answer(self)

            def log_message(self, *_args):
                return

        self.server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"
        test.addCleanup(self.close)

    def close(self):
        """Release who hangs, and stop to listen."""
        self.ended.set()
        self.server.shutdown()
        self.server.server_close()

    def _answer(self, handler):
        body = handler.rfile.read(int(handler.headers.get("content-length", 0)))
        self.requests.append((dict(handler.headers), body))
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if callable(answer):
            return answer(handler)
        status, headers, content = (
            answer if isinstance(answer, tuple) else (answer, {}, b"")
        )
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name, value)
        handler.send_header("content-length", str(len(content)))
        handler.end_headers()
        handler.wfile.write(content)
