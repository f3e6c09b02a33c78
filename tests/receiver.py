"""A receiver of webhooks on this machine: it keeps what came, and answers as it is told."""

import base64
import hashlib
import hmac
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Receiver:
    """A real HTTP server; ``answers`` are the next statuses, and 204 afterwards."""

    def __init__(self):
        self.requests = []
        self.answers = []
        self.location = None
        self.hold = None  # an event that answers wait for
        self.came = threading.Event()
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook?a=1"
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02})
        self.thread.start()

    def _handler(self):
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.requests.append((self.path, dict(self.headers), body))
                receiver.came.set()
                if receiver.hold:
                    receiver.hold.wait(30)
                self.send_response(receiver.answers.pop(0) if receiver.answers else 204)
                if receiver.location:
                    self.send_header("Location", receiver.location)
                self.end_headers()

            def log_message(self, *_):
                pass

        return Handler

    def close(self):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


def signed_by(secret, headers, body):
    """Tell, after the words of Standard Webhooks alone, whether one of the signatures is made with a secret."""
    named = {name.lower(): value for name, value in headers.items()}
    key = base64.b64decode(secret.split("_", 1)[1])
    content = named["webhook-id"].encode() + b"." + named["webhook-timestamp"].encode() + b"." + body
    expected = base64.b64encode(hmac.digest(key, content, hashlib.sha256)).decode()
    return f"v1,{expected}" in named["webhook-signature"].split(" ")
