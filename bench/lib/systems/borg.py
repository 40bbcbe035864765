"""Borg: into a folder, and through `borg serve` behind an sshd of its own."""

import subprocess
from pathlib import Path

from services import free_port, listens
from systems.system import PASSWORD, NetworkSystem, System, output_of


class Borg(System):
    name = "borg"
    packages = {"borg": "borgbackup"}

    def __init__(self, folder, log):
        # Borg's manual: BLAKE2b is the faster choice where the processor has no SHA extension.
        has_sha = " sha_ni " in Path("/proc/cpuinfo").read_text()
        self.encryption = "repokey" if has_sha else "repokey-blake2"
        self.latest = ""
        super().__init__(folder, log)

    @staticmethod
    def version():
        return output_of(["borg", "--version"])

    def settings(self):
        return f"encryption {self.encryption}, compression lz4"

    def environment(self):
        return {**super().environment(), "BORG_BASE_DIR": str(self.folder / "base"),
                "BORG_PASSPHRASE": PASSWORD,
                "BORG_UNKNOWN_UNENCRYPTED_REPO_ACCESS_IS_OK": "yes",
                "BORG_RELOCATED_REPO_ACCESS_IS_OK": "yes"}

    def location(self):
        return str(self.repository)

    def setup(self):
        return [(["borg", "init", "--encryption", self.encryption, self.location()],
                 self.folder)]

    def backup(self, tree, label):
        self.latest = f"{self.location()}::{label}"
        return (["borg", "create", self.latest, tree], self.folder)

    def restore(self, tree, target):
        return (["borg", "extract", self.latest], target)

    def verify(self):
        return (["borg", "check", "--verify-data", self.location()], self.folder)


class NetworkBorg(NetworkSystem, Borg):
    packages = {"borg": "borgbackup", "sshd": "openssh-server", "ssh": "openssh-client"}

    @staticmethod
    def version():
        return f"{Borg.version()}; {output_of(['ssh', '-V'])}"

    def settings(self):
        return Borg.settings(self) + "; borg serve over ssh with its defaults"

    def environment(self):
        return {**super().environment(),
                "BORG_RSH": f"ssh -F {self.folder / 'ssh_config'}"}

    def location(self):
        return f"ssh://root@coffer-bench{self.repository}"

    def start(self):
        self.port = free_port()
        for name in ("host", "user"):
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name,
                            "-f", self.folder / f"{name}_key"], check=True)
        public = {name: (self.folder / f"{name}_key.pub").read_text() for name in
                  ("host", "user")}
        serve = f"BORG_BASE_DIR={self.folder}/base borg serve --restrict-to-path {self.folder}"
        self.write("authorized_keys", f'restrict,command="{serve}" {public["user"]}')
        self.write("known_hosts", f"coffer-bench {public['host']}")
        self.write("sshd_config", SERVER.format(folder=self.folder, port=self.port))
        self.write("ssh_config", CLIENT.format(folder=self.folder, port=self.port))
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)  # sshd insists on it
        self.services.start("sshd", ["/usr/sbin/sshd", "-D", "-e", "-f",
                                     self.folder / "sshd_config"], lambda: listens(self.port))

    def write(self, name, text):
        path = self.folder / name
        path.write_text(text)
        path.chmod(0o600)


SERVER = """\
ListenAddress 127.0.0.1:{port}
HostKey {folder}/host_key
AuthorizedKeysFile {folder}/authorized_keys
PidFile none
PermitRootLogin prohibit-password
PasswordAuthentication no
KbdInteractiveAuthentication no
StrictModes no
UsePAM no
"""

CLIENT = """\
Host coffer-bench
  HostName 127.0.0.1
  HostKeyAlias coffer-bench
  Port {port}
  IdentityFile {folder}/user_key
  IdentitiesOnly yes
  UserKnownHostsFile {folder}/known_hosts
  GlobalKnownHostsFile /dev/null
  StrictHostKeyChecking yes
  BatchMode yes
"""
