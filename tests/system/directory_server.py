"""A directory of users for tests: a real slapd on free ports of loopback, with TLS by the test's
own authority.

    with directory_server.Directory(folder, authority, {"dora": [groups]}) as directory:
        directory.ldaps             # "ldaps://127.0.0.1:port"
        directory.ldap              # "ldap://127.0.0.1:port"
        directory.daemon            # network.Daemon

People lie in ou=people,dc=example by uid, with their groups in memberOf; cn=searcher,dc=example may
read them, and each himself; nobody else may. Their passwords are `password_of`.
"""

import pathlib
import shutil
import subprocess

import network

SLAPD = "/usr/sbin/slapd"
SLAPADD = "/usr/sbin/slapadd"
MODULES = "/usr/lib/ldap"
SCHEMA = "/etc/ldap/schema"
SEARCHER = "cn=searcher,dc=example"


def missing():
    """Why there can be no directory here; nothing if there can."""
    for needed in (SLAPD, SLAPADD, f"{MODULES}/back_mdb.so", f"{SCHEMA}/core.schema"):
        if not pathlib.Path(needed).exists():
            return f"{needed} is not there (package slapd)"
    return None


def password_of(name):
    return f"password of {name} in the directory"


class Directory:
    def __init__(self, folder, authority, people, tls=True):
        """Without `tls` it can only be spoken to in the clear."""
        self.folder = pathlib.Path(folder)
        shutil.rmtree(self.folder, ignore_errors=True)
        (self.folder / "data").mkdir(parents=True)
        self.ldap = f"ldap://{network.free_address()}"
        self.ldaps = f"ldaps://{network.free_address()}"
        configuration = self._configure(authority.certificate("directory", "IP:127.0.0.1")
                                        if tls else None)
        self._fill(configuration, people)
        urls = f"{self.ldap}/ {self.ldaps}/" if tls else f"{self.ldap}/"
        self.daemon = network.Daemon(
            [SLAPD, "-d", "0", "-f", str(configuration), "-h", urls], self.folder / "slapd.log",
            lambda: network.answers(self.ldap.removeprefix("ldap://")))

    def _configure(self, files):
        tls = f"TLSCertificateFile {files[0]}\nTLSCertificateKeyFile {files[1]}\n" if files else ""
        file = self.folder / "slapd.conf"
        file.write_text(f"""
include {SCHEMA}/core.schema
include {SCHEMA}/cosine.schema
include {SCHEMA}/inetorgperson.schema
modulepath {MODULES}
moduleload back_mdb
moduleload memberof
pidfile {self.folder}/slapd.pid
# Who comes without a password is let in as nobody: the clients have to know better.
allow bind_anon_cred bind_anon_dn
{tls}
database mdb
suffix dc=example
directory {self.folder}/data
maxsize 16777216
access to attrs=userPassword by anonymous auth by * none
access to * by dn.exact={SEARCHER} read by self read by anonymous auth by * none
overlay memberof
""")
        return file

    def _fill(self, configuration, people):
        entries = ["dn: dc=example\nobjectClass: dcObject\nobjectClass: organization\no: x\n"
                   "dc: example\n",
                   "dn: ou=people,dc=example\nobjectClass: organizationalUnit\nou: people\n",
                   f"dn: {SEARCHER}\nobjectClass: person\ncn: searcher\nsn: x\n"
                   f"userPassword: {password_of('searcher')}\n"]
        for name, groups in people.items():
            entries.append(
                f"dn: uid={name},ou=people,dc=example\nobjectClass: inetOrgPerson\nuid: {name}\n"
                f"cn: {name}\nsn: x\nuserPassword: {password_of(name)}\n"
                + "".join(f"memberOf: {group}\n" for group in groups))
        done = subprocess.run([SLAPADD, "-q", "-f", configuration], input="\n".join(entries),
                              capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise network.Failure(f"slapadd: {done.stderr}")

    def __enter__(self):
        self.daemon.start()
        return self

    def __exit__(self, *_):
        self.daemon.end()
