"""The configuration of Bacula's three daemons and its console, with TLS between all of them.

It follows what Debian's packages install (signature MD5, spooled attributes, no compression), but
for ports, folders and TLS; the FileSet is accurate, or a restore would bring removed files back.
"""

TLS = """
  TLS Enable = yes
  TLS Require = yes
  TLS CA Certificate File = {folder}/tls.pem
  TLS Certificate = {folder}/tls.pem
  TLS Key = {folder}/tls.key
"""

DIRECTOR = """
Director {{
  Name = bench-dir
  DIRport = {director}
  DirAddress = 127.0.0.1
  QueryFile = "/etc/bacula/scripts/query.sql"
  WorkingDirectory = {folder}/director
  PidDirectory = {folder}/run
  Maximum Concurrent Jobs = 20
  Password = "{password}"
  Messages = Standard
  TLS Verify Peer = yes
{tls}
}}
JobDefs {{
  Name = Defaults
  Client = bench-fd
  FileSet = Tree
  Storage = File
  Pool = File
  Messages = Standard
}}
Job {{
  Name = backup
  JobDefs = Defaults
  Type = Backup
  Level = Incremental
  SpoolAttributes = yes
  Accurate = yes
}}
Job {{
  Name = restore
  JobDefs = Defaults
  Type = Restore
  Where = /nowhere
}}
Job {{
  Name = verify
  JobDefs = Defaults
  Type = Verify
  Level = Data
}}
FileSet {{
  Name = Tree
  Include {{
    Options {{
      signature = MD5
    }}
    File = "{tree}"
  }}
}}
Client {{
  Name = bench-fd
  Address = localhost
  FDPort = {file}
  Catalog = Catalog
  Password = "{password}"
  AutoPrune = yes
{tls}
}}
Storage {{
  Name = File
  Address = localhost
  SDPort = {storage}
  Password = "{password}"
  Device = File
  Media Type = File
  Maximum Concurrent Jobs = 10
{tls}
}}
Catalog {{
  Name = Catalog
  dbname = "bacula"
  dbuser = ""
  dbpassword = ""
}}
Pool {{
  Name = File
  Pool Type = Backup
  Recycle = yes
  AutoPrune = yes
  Maximum Volume Bytes = 50G
  Label Format = "Vol-"
}}
Messages {{
  Name = Standard
  append = "{folder}/messages" = all, !skipped
}}
"""

STORAGE = """
Storage {{
  Name = bench-sd
  SDPort = {storage}
  SDAddress = 127.0.0.1
  WorkingDirectory = {folder}/storage
  Pid Directory = {folder}/run
  Maximum Concurrent Jobs = 20
  TLS Verify Peer = yes
{tls}
}}
Director {{
  Name = bench-dir
  Password = "{password}"
  TLS Verify Peer = yes
{tls}
}}
Device {{
  Name = File
  Media Type = File
  Archive Device = {folder}/repository
  LabelMedia = yes
  Random Access = yes
  AutomaticMount = yes
  RemovableMedia = no
  AlwaysOpen = no
  Maximum Concurrent Jobs = 5
}}
Messages {{
  Name = Standard
  director = bench-dir = all
}}
"""

FILE = """
FileDaemon {{
  Name = bench-fd
  FDport = {file}
  FDAddress = 127.0.0.1
  WorkingDirectory = {folder}/file
  Pid Directory = {folder}/run
  Maximum Concurrent Jobs = 20
{tls}
}}
Director {{
  Name = bench-dir
  Password = "{password}"
  TLS Verify Peer = yes
{tls}
}}
Messages {{
  Name = Standard
  director = bench-dir = all, !skipped, !restored
}}
"""

CONSOLE = """
Director {{
  Name = bench-dir
  DIRport = {director}
  Address = localhost
  Password = "{password}"
{tls}
}}
"""

FILES = {"director": DIRECTOR, "storage": STORAGE, "file": FILE, "console": CONSOLE}


def write(folder, ports, password, tree):
    """Writes NAME.conf for each of FILES; `ports` are by name, `tree` is what is backed up."""
    values = {**ports, "folder": folder, "password": password, "tree": tree,
              "tls": TLS.format(folder=folder)}
    for name, text in FILES.items():
        path = folder / f"{name}.conf"
        path.write_text(text.format(**values))
        path.chmod(0o600)
