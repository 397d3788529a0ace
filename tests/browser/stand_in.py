"""A server in the place of the coordinator: the page's own files, and whatever JSON a test wants."""
import http.server
import json
import pathlib
import socket
import threading
import urllib.parse

PAGE = pathlib.Path(__file__).resolve().parents[2] / "coordinator" / "page"
FILES = {"/": "index.html", "/page.css": "page.css", "/page.js": "page.js", "/icon.svg": "icon.svg",
         "/login": "login.html"}
TYPES = {".html": "text/html; charset=utf-8", ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
POLICY = ("default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
          "form-action 'self'; base-uri 'none'; frame-ancestors 'none'")


class StandIn:
    """`answers`: by path, a JSON value, or a function of the query (a dict) that gives one."""

    def __init__(self):
        self.answers, self.asked, self.headers, self.status = {}, [], {}, 200
        self.port = 0
        self.server = None
        self.start()

    def start(self):
        stand_in = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                url = urllib.parse.urlsplit(self.path)
                stand_in.asked.append(self.path)
                if url.path in FILES:
                    return self.send(200, TYPES[pathlib.Path(FILES[url.path]).suffix], (PAGE / FILES[url.path]).read_bytes())
                answer = stand_in.answers.get(url.path)
                if callable(answer):
                    answer = answer(dict(urllib.parse.parse_qsl(url.query)))
                if answer is None:
                    return self.send(404, "text/plain", b"nothing\n")
                return self.send(stand_in.status, "application/json", json.dumps(answer).encode())

            def send(self, status, kind, body):
                self.send_response(status)
                for name, value in {"Content-Type": kind, "Content-Length": str(len(body)), "Cache-Control": "no-cache",
                                    "Content-Security-Policy": POLICY, **stand_in.headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True
            block_on_close = False

            def __init__(self, *arguments):
                self.connections = set()
                super().__init__(*arguments)

            def process_request(self, request, address):
                self.connections.add(request)
                super().process_request(request, address)

            def handle_error(self, *_):
                pass  # connections that stop() cut

        self.server = Server(("127.0.0.1", self.port), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def stop(self):
        """As a killed process: nobody listens, and open connections break."""
        self.server.shutdown()
        self.server.server_close()
        for connection in self.server.connections:
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}/"
