"""restic: into a folder, and over TLS to `rclone serve restic`."""

from services import free_port, listens, make_certificate
from systems.system import NetworkSystem, System, output_of


class Restic(System):
    name = "restic"
    packages = {"restic": "restic"}

    @staticmethod
    def version():
        return output_of(["restic", "version"])

    def settings(self):
        return "repository format 2, compression auto"

    def location(self):
        return ["--repo", self.repository]

    def call(self, *arguments):
        return (["restic", "--quiet", *self.location(), "--password-file", self.password_file,
                 "--cache-dir", self.folder / "cache", *arguments], self.folder)

    def setup(self):
        return [self.call("init", "--repository-version", "2")]

    def backup(self, tree, label):
        return self.call("backup", "--tag", label, tree)

    def restore(self, tree, target):
        return self.call("restore", "latest", "--target", target)

    def verify(self):
        return self.call("check", "--read-data")


class NetworkRestic(NetworkSystem, Restic):
    packages = {"restic": "restic", "rclone": "rclone"}

    @staticmethod
    def version():
        return f"{Restic.version()}; {output_of(['rclone', 'version'])}"

    def settings(self):
        return Restic.settings(self) + "; rclone serve restic over TLS 1.3"

    def location(self):
        return ["--repo", f"rest:https://localhost:{self.port}/", "--cacert", self.certificate]

    def start(self):
        key, self.certificate = make_certificate(self.folder)
        self.repository.mkdir()
        self.port = free_port()
        self.services.start(
            "rclone", ["rclone", "serve", "restic", "--config", self.folder / "rclone.conf",
                       "--addr", f"127.0.0.1:{self.port}", "--cert", self.certificate,
                       "--key", key, self.repository], lambda: listens(self.port))
