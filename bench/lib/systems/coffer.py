"""Coffer on one machine: coffer-solo."""

from systems.system import System, output_of


class Coffer(System):
    name = "coffer"

    @classmethod
    def program(cls):
        return cls.build / "management_server/solo/coffer-solo"

    @classmethod
    def own_programs(cls):
        return [cls.program()]

    @classmethod
    def version(cls):
        return output_of([cls.program(), "--version"])

    def call(self, *arguments):
        return ([self.program(), "--repo", self.repository, "--state", self.folder / "state",
                 *arguments], self.folder)

    def setup(self):
        kit = self.folder / "recovery-kit"
        return [self.call("init"), self.call("recovery-kit", "export", kit),
                self.call("recovery-kit", "confirm", kit)]

    def backup(self, tree, label):
        return self.call("backup", tree)

    def restore(self, tree, target):
        return self.call("restore", f"latest:{tree}", "--to", target)

    def verify(self):
        return self.call("verify")

    def restored_tree(self, target, tree):
        places = (target / tree.relative_to("/"), target / tree.name, target)
        return next(place for place in places if place.is_dir())
