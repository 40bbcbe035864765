"""Those whom a server notifies: a mail server, an HTTP receiver and a syslog receiver on loopback,
each with real protocol, for tests. Stopped by stop()."""

import hashlib
import hmac
import http.server
import json
import socket
import threading
import time

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult


class MailServer:
    """SMTP that wants STARTTLS and AUTH; keeps what comes in `mails` as (envelope, logged in)."""

    def __init__(self, port, context, user, password):
        self.mails, self.logins = [], []
        self.refused = None  # an address that it takes nothing for
        self._expected = (user.encode(), password.encode())
        self._controller = Controller(self, hostname="127.0.0.1", port=port, tls_context=context,
                                      require_starttls=True, auth_required=True,
                                      authenticator=self._check)
        self._controller.start()

    def _check(self, _server, _session, _envelope, _mechanism, data):
        given = (data.login, data.password)
        self.logins.append(given)
        return AuthResult(success=given == self._expected)

    async def handle_RCPT(self, _server, _session, envelope, address, _options):
        if address == self.refused:
            return "550 5.1.1 there is nobody of that name"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server, session, envelope):  # the name is aiosmtpd's
        self.mails.append((envelope, session.authenticated))
        return "250 OK"

    def texts(self):
        """Subject and body of each mail, decoded."""
        import email
        import email.policy
        found = []
        for envelope, _ in self.mails:
            mail = email.message_from_bytes(envelope.content, policy=email.policy.default)
            found.append((mail["subject"], mail.get_content(), mail))
        return found

    def stop(self):
        """May be done twice."""
        if self._controller is not None:
            self._controller.stop()
        self._controller = None


class HttpReceiver:
    """Takes what webhooks post. Fails the first `failures` times; whatever is signed wrongly, or
    too old, is remembered in `forged`."""

    def __init__(self, secret, failures=0):
        self.events, self.forged, self.attempts = [], [], 0
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                receiver.attempts += 1
                body = self.rfile.read(int(self.headers["Content-Length"]))
                stamp = self.headers["X-Coffer-Timestamp"]
                wanted = "sha256=" + hmac.new(secret.encode(), f"{stamp}.".encode() + body,
                                              hashlib.sha256).hexdigest()
                if (not hmac.compare_digest(wanted, self.headers["X-Coffer-Signature"])
                        or abs(time.time() - int(stamp)) > 300):
                    receiver.forged.append(body)
                failing = receiver.attempts <= failures
                if not failing:
                    receiver.events.append(json.loads(body))
                self.send_response(500 if failing else 204)
                self.end_headers()

            def log_message(self, *_):
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/hook?of=test"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def kinds(self):
        return [event["kind"] for event in self.events]

    def stop(self):
        self._server.shutdown()
        self._server.server_close()


class SyslogReceiver:
    """UDP; keeps the lines."""

    def __init__(self):
        self.lines = []
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._socket.getsockname()[1]}"
        threading.Thread(target=self._receive, daemon=True).start()

    def _receive(self):
        while True:
            try:
                line = self._socket.recv(65536)
            except OSError:
                return
            self.lines.append(line.decode())

    def stop(self):
        self._socket.close()
