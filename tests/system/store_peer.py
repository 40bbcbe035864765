"""A worker as the store sees it, made by hand: TLS, GIOP, and tokens of whoever has their key."""

import hashlib
import hmac
import socket
import ssl
import struct
import time

PURPOSE = b"coffer run token 2"


def _varint(value):
    octets = bytearray()
    while value >= 0x80:
        octets.append(value & 0x7f | 0x80)
        value >>= 7
    octets.append(value)
    return bytes(octets)


def _sized(text):
    return _varint(len(text)) + text


def token(key, agent, repository="main", lives=3600):
    """What a server with this key would have given for a backup; `lives` in seconds from now."""
    expires = int(time.time()) + lives
    body = (b"\x01" + _varint(2 * 1_000_000) + struct.pack("<I", 1) + _sized(repository.encode()) +
            _sized(agent.encode()) + bytes(16) + _sized(b"") + _varint(0) + _varint(0) +
            _varint(2 * expires) + _varint(0))
    return body + hmac.new(key, PURPOSE + body, hashlib.sha256).digest()


def _begin_backup(shown):
    """A request of GIOP 1.2 in little-endian octets: Store::beginBackup with a token, no base."""
    def aligned(octets, size):
        return octets + bytes(-len(octets) % size)

    # Alignment counts from the begin of the message, which is 12 octets before.
    request = bytes(12) + struct.pack("<IB3x", 1, 3) + struct.pack("<H", 0)
    request = aligned(request, 4)
    for text in (b"CofferStore", b"beginBackup\x00"):
        request = aligned(request, 4) + struct.pack("<I", len(text)) + text
    request = aligned(request, 4) + struct.pack("<I", 0)
    request = aligned(request, 8) + struct.pack("<I", len(shown)) + shown
    request = aligned(request, 4) + struct.pack("<I", 0)
    return b"GIOP\x01\x02\x01\x00" + struct.pack("<I", len(request) - 12) + request[12:]


def answer(address, identity, shown=b""):
    """What the store answers to the bearer of a certificate and key who shows a token, in octets;
    nothing when it does not talk to him."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.load_cert_chain(*identity)
    host, port = address.rsplit(":", 1)
    try:
        with socket.create_connection((host, int(port)), 10) as plain:
            with context.wrap_socket(plain) as secure:
                secure.settimeout(10)
                secure.sendall(_begin_backup(shown))
                said = secure.recv(12)
                if said[:4] != b"GIOP":
                    return b""
                while len(said) < 12 + struct.unpack("<I", said[8:12])[0]:
                    more = secure.recv(65536)
                    if not more:
                        break
                    said += more
                return said
    except (ssl.SSLError, ConnectionError):
        return b""
