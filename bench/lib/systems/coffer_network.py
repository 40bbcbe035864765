"""Coffer in its networked shape: server, agent and worker over TLS, ordered by `coffer`."""

from systems.coffer import Coffer
from systems.system import PASSWORD, NetworkSystem, output_of

PROGRAMS = {"server": "management_server/server/coffer-server",
            "agent": "workstation_agent/coffer-workstation-agent",
            "worker": "workstation_agent/coffer-worker",
            "coffer": "management_panel/cli/coffer"}
AGENT = "bench"


class NetworkCoffer(NetworkSystem, Coffer):
    ATTACHED = "server.attached"  # what the agent logs when it is

    @classmethod
    def program(cls, name="coffer"):
        return cls.build / PROGRAMS[name]

    @classmethod
    def own_programs(cls):
        return [cls.program(name) for name in PROGRAMS]

    @classmethod
    def version(cls):
        return output_of([cls.program("server"), "--version"])

    def settings(self):
        return "mutual TLS between all parts"

    def environment(self):
        return {**super().environment(), "COFFER_CONFIG": str(self.folder / "client")}

    def of_server(self, *arguments):
        return [self.program("server"), "--state", self.folder / "server", *arguments]

    def of_agent(self, *arguments):
        return [self.program("agent"), "--state", self.folder / "agent", "--config",
                self.folder / "agent.ini", *arguments]

    def call(self, *arguments):
        return ([self.program("coffer"), "--quiet", *arguments], self.folder)

    def prepare(self, run):
        once, token = self.folder / "once", self.folder / "token"
        kit, endpoint = self.folder / "recovery-kit", self.folder / "server/endpoint"
        run([(self.of_server("init", "--listen", "127.0.0.1:0", "--host", "localhost",
                             "--password-file", once), self.folder)])
        self.services.start("server", self.of_server("run"), endpoint.exists)
        address = endpoint.read_text().strip()
        (self.folder / "agent.ini").write_text(f"[runs]\nworker = {self.program('worker')}\n")
        both = self.folder / "passwords"
        both.write_text(once.read_text().strip() + f"\n{PASSWORD}\n")
        run([self.call("login", "--server", address, "--user", "admin", "--ca",
                       self.folder / "server/authority.pem", "--password-file", once),
             self.call("passwd", "--password-file", both),
             self.call("repo", "init", "main", self.repository),
             self.call("repo", "recovery-kit", "export", kit),
             self.call("repo", "recovery-kit", "confirm", kit),
             self.call("enrol-token", AGENT, "--out", token),
             (self.of_agent("enrol", "--server", address, "--token-file", token,
                            "--allow-write", "/"), self.folder)])
        self.services.start("agent", self.agent_command(),
                            lambda: self.ATTACHED in self.services.printed("agent"))

    def agent_command(self):
        return self.of_agent("run")

    def stop_agent(self):
        self.services.stop("agent")

    def backup(self, tree, label):
        return self.call("backup", f"{AGENT}:{tree}", "--wait")

    def restore(self, tree, target):
        return self.call("restore", "latest", "--to", f"{AGENT}:{target}", "--wait")

    def verify(self):
        return self.call("verify", "--wait")
