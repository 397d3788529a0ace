"""PostgreSQL and Redis of our own: made in the folder, reached over 127.0.0.1, with passwords."""

import glob
import hashlib
import os
import pwd
import secrets
import shutil
import signal
import subprocess
import urllib.parse

from members import Member

DATABASE = "ads"
ROLE = "tikhaul"


def make_secret(path):
    """Writes a new password, when there is none; gives it."""
    if not os.path.exists(path):
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(24) + "\n")
    with open(path, encoding="utf-8") as file:
        return file.read().strip()


class Certificates:
    """A private authority, and certificates of it, new at each start."""

    def __init__(self, folder, make):
        """`make`: scripts/make-certificates."""
        self._folder, self._make = f"{folder}/tls", make
        self.authority = f"{self._folder}/ca.pem"

    def issue(self, *names):
        subprocess.run([self._make, self._folder, *names], stdin=subprocess.DEVNULL, check=True, start_new_session=True)

    def files(self, name):
        return f"{self._folder}/{name}.pem", f"{self._folder}/{name}.key"

    def settings(self, name):
        """Of tikhaul.yaml."""
        certificate, key = self.files(name)
        return {"ca_file": self.authority, "certificate_file": certificate, "key_file": key}


class Postgres:
    """A cluster of its own, which speaks TLS only. PostgreSQL does not run as root: then it runs as the user that its package made."""

    def __init__(self, folder, port, tls):
        self.port = port
        self._tls = tls
        self._home = f"{folder}/postgres"
        self._data = f"{self._home}/data"
        self._log = f"{folder}/logs/postgres.log"
        self._secrets = f"{folder}/secrets"
        self._programs = max(glob.glob("/usr/lib/postgresql/*/bin"), key=lambda path: int(path.split("/")[-2]))
        self._under = self._unprivileged() if os.geteuid() == 0 else []

    @staticmethod
    def _unprivileged():
        words = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
        # Folders above ours may be closed to all but root, as /root is. This lets it pass where root may give that.
        reach = ["--inh-caps=+dac_override", "--ambient-caps=+dac_override"]
        if subprocess.run(words + reach + ["true"], stderr=subprocess.DEVNULL, check=False).returncode == 0:
            words += reach
        return words

    def make(self):
        """initdb, once. A first start that was interrupted is begun anew."""
        if os.path.exists(f"{self._home}/made"):
            return
        shutil.rmtree(self._home, ignore_errors=True)
        os.makedirs(self._home, mode=0o700)
        password_file = f"{self._home}/password"
        with open(password_file, "w", encoding="utf-8") as file:
            file.write(make_secret(f"{self._secrets}/postgres_superuser") + "\n")
        self._give(self._home, 0o700)
        self._give(password_file, 0o600)
        with open(self._log, "ab") as log:
            subprocess.run(
                self._under + [f"{self._programs}/initdb", "--pgdata", self._data, "--username", "postgres",
                               "--auth", "scram-sha-256", "--pwfile", password_file, "--encoding", "UTF8",
                               "--locale", "C.UTF-8"],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, check=True, start_new_session=True)
        os.remove(password_file)
        with open(f"{self._data}/pg_hba.conf", "w", encoding="utf-8") as file:
            file.write("hostssl all all 127.0.0.1/32 scram-sha-256\n")
        with open(f"{self._home}/made", "w", encoding="utf-8"):
            pass

    def _give(self, path, mode):
        """To the user that PostgreSQL runs as."""
        os.chmod(path, mode)
        if self._under:
            user = pwd.getpwnam("postgres")
            os.chown(path, user.pw_uid, user.pw_gid)

    def member(self):
        words = self._under + [f"{self._programs}/postgres", "-D", self._data]
        for setting in [f"port={self.port}", "listen_addresses=127.0.0.1", "unix_socket_directories=",
                        "max_connections=60", "ssl=on", f"ssl_cert_file={self._home}/certificate.pem",
                        f"ssl_key_file={self._home}/certificate.key"]:
            words += ["-c", setting]
        # It wants a key that is its own.
        for source, name in zip(self._tls.files("postgres.tikhaul"), ("certificate.pem", "certificate.key")):
            shutil.copyfile(source, f"{self._home}/{name}")
            self._give(f"{self._home}/{name}", 0o600)
        # SIGINT: sessions end at once, in order. setpriv forgets the signal for the parent's death, so says it again.
        if self._under:
            words[1:1] = ["--pdeathsig", "INT"]
        return Member("postgres", lambda: words, self._log, stop_signal=signal.SIGINT)

    def answers(self):
        return self._psql("SELECT 1", "postgres").returncode == 0

    def make_database(self):
        password = make_secret(f"{self._secrets}/postgres")
        if self._psql("SELECT 1", DATABASE).returncode == 0:
            return
        for statement in (f"DROP ROLE IF EXISTS {ROLE}", f"CREATE ROLE {ROLE} LOGIN PASSWORD '{password}'",
                          f"CREATE DATABASE {DATABASE} OWNER {ROLE}"):
            done = self._psql(statement, "postgres")
            if done.returncode != 0:
                raise RuntimeError(f"PostgreSQL: {done.stderr}")

    def settings(self):
        """Of tikhaul.yaml."""
        return {"store": f"postgresql://{ROLE}@127.0.0.1:{self.port}/{DATABASE}?sslmode=verify-full&sslrootcert="
                         + urllib.parse.quote(self._tls.authority),
                "store_options": {"password_file": f"{self._secrets}/postgres"}}

    def query(self, sql):
        """As text, for people."""
        return self._psql(sql, DATABASE).stdout

    def _psql(self, sql, database):
        # By standard input: other users of the machine can read the words of a command.
        environment = dict(os.environ, PGPASSWORD=make_secret(f"{self._secrets}/postgres_superuser"),
                           PGSSLMODE="verify-full", PGSSLROOTCERT=self._tls.authority,
                           PGOPTIONS=f"-c search_path={ROLE}")
        return subprocess.run(
            ["psql", "--no-psqlrc", "--quiet", "-h", "127.0.0.1", "-p", str(self.port), "-U", "postgres", "-d", database,
             "-v", "ON_ERROR_STOP=1"], input=sql, env=environment, capture_output=True, text=True, check=False,
            start_new_session=True)


class Redis:
    """A server that speaks TLS only, with an ACL: one user, with the rights that tikhaul needs."""

    def __init__(self, folder, port, tls, acl):
        """`acl`: the file with the rights."""
        self.port = port
        self._home = f"{folder}/redis"
        self._log = f"{folder}/logs/redis.log"
        self._password_file = f"{folder}/secrets/redis"
        self._tls, self._acl = tls, acl

    def member(self):
        os.makedirs(self._home, mode=0o700, exist_ok=True)
        password = hashlib.sha256(make_secret(self._password_file).encode()).hexdigest()
        with open(self._acl, encoding="utf-8") as file:
            rights = file.read().replace("SHA256_OF_THE_PASSWORD", password)
        self._write("users.acl", [rights.rstrip(), "user default off"])
        certificate, key = self._tls.files("redis.tikhaul")
        self._write("redis.conf", [
            "port 0", f"tls-port {self.port}", "bind 127.0.0.1", f"tls-cert-file {certificate}", f"tls-key-file {key}",
            f"tls-ca-cert-file {self._tls.authority}", "tls-auth-clients no", f"dir {self._home}",
            f"aclfile {self._home}/users.acl", "maxmemory-policy noeviction", "save \"\""])
        return Member("redis", lambda: ["redis-server", f"{self._home}/redis.conf"], self._log)

    def settings(self):
        """Of tikhaul.yaml."""
        return {"redis": f"rediss://127.0.0.1:{self.port}",
                "redis_options": {"user": "tikhaul", "password_file": self._password_file,
                                  "ca_file": self._tls.authority}}

    def _write(self, name, lines):
        path = f"{self._home}/{name}"
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write("\n".join(lines) + "\n")

    def answers(self):
        environment = dict(os.environ, REDISCLI_AUTH=make_secret(self._password_file))
        done = subprocess.run(
            ["redis-cli", "-h", "127.0.0.1", "-p", str(self.port), "--tls", "--cacert", self._tls.authority, "--user",
             "tikhaul", "TIME"], env=environment, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False,
            start_new_session=True)
        return done.stdout.split("\n")[0].isdigit()
