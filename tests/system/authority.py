"""A certificate authority for servers that tests start."""

import pathlib
import ssl
import subprocess


def openssl(*words):
    subprocess.run(["openssl", *map(str, words)], check=True, capture_output=True)


class Authority:
    """A certificate authority in a folder."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir()
        self.file = self.folder / "ca.pem"
        openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=Test CA",
                "-keyout", self.folder / "ca.key", "-out", self.file)

    def certificate(self, name, place):
        """Files of a certificate and its key for a server; `place` is "DNS:host" or "IP:address"."""
        base = self.folder / name
        openssl("req", "-newkey", "rsa:2048", "-nodes", "-subj", f"/CN={name}", "-keyout",
                f"{base}.key", "-out", f"{base}.csr")
        pathlib.Path(f"{base}.ext").write_text(f"subjectAltName={place}\n")
        openssl("x509", "-req", "-in", f"{base}.csr", "-CA", self.file, "-CAkey",
                self.folder / "ca.key", "-CAcreateserial", "-days", "2", "-extfile", f"{base}.ext",
                "-out", f"{base}.pem")
        return f"{base}.pem", f"{base}.key"

    def context(self, host):
        """For a TLS server of this name."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*self.certificate(host, f"DNS:{host}"))
        return context
