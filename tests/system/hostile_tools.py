"""What hostile_test.py attacks with."""

import socket
import ssl
import subprocess
import threading

import network


def certificate(folder, subject, signer=None, days=2):
    """Makes a key and a certificate in a new folder, both in one file; signed by itself or by
    `signer`, the files of an authority's certificate and key."""
    folder.mkdir(exist_ok=True)
    extension = folder / "extension"
    extension.write_text("extendedKeyUsage = clientAuth\nkeyUsage = digitalSignature\n")
    key, request, made = folder / "key", folder / "request", folder / "certificate"
    openssl("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
            "-subj", subject, "-keyout", key, "-out", request)
    by = ("-CA", signer[0], "-CAkey", signer[1], "-CAcreateserial", "-CAserial",
          folder / "serial") if signer else ("-signkey", key)
    openssl("x509", "-req", "-in", request, "-days", days, *by, "-extfile", extension, "-out", made)
    identity = folder / "identity.pem"
    identity.write_bytes(made.read_bytes() + key.read_bytes())
    return identity


def openssl(*words):
    subprocess.run(["openssl", *map(str, words)], check=True, capture_output=True)


class Held:
    """A hostile agent that stays attached."""

    def __init__(self, words):
        self.process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        text=True)

    def said(self, what):
        """The next line, which begins with `what`."""
        line = self.process.stdout.readline()
        if not line.startswith(what + " "):
            raise network.Failure(f"{what!r} was to come, not {line!r}")
        return line[len(what):].strip()

    def beat(self):
        self.process.stdin.write("beat\n")
        self.process.stdin.flush()
        return self.process.stdout.readline()

    def end(self):
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait(network.PATIENCE)


class Impostor:
    """A TLS server with any certificate, on a port of its own."""

    def __init__(self, identity):
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(identity)
        self.heard = b""
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.thread = threading.Thread(target=self.serve)

    def __enter__(self):
        self.thread.start()
        return f"127.0.0.1:{self.listener.getsockname()[1]}"

    def serve(self):
        while True:
            try:
                peer = self.listener.accept()[0]
            except OSError:
                return
            try:
                peer.settimeout(5)
                with self.context.wrap_socket(peer, server_side=True) as tls:
                    self.heard += tls.recv(4096)
            except OSError:
                pass

    def __exit__(self, kind, error, trace):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.thread.join()
        if self.heard and kind is None:
            raise network.Failure("somebody has spoken to the impostor")
