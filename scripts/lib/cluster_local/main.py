"""The production-like set on one machine. Called by scripts/cluster-local, which has built the programs."""

import argparse
import datetime
import fcntl
import hashlib
import json
import os
import random
import shutil
import socket
import ssl
import subprocess
import sys
import time
import urllib.request

import settings
from members import STEADY_S, Member, Members, Shutdown, Stopped
from servers import DATABASE, ROLE, Certificates, Postgres, Redis, make_secret

SCRIPTS = os.path.abspath(f"{os.path.dirname(os.path.abspath(__file__))}/../..")
CERTIFICATES = ["postgres.tikhaul=127.0.0.1", "redis.tikhaul=127.0.0.1", "coordinator.tikhaul=127.0.0.1,localhost",
                "worker.tikhaul=127.0.0.1", "operator.tikhaul"]
DONE, PARTIAL = 0, 3  # exit codes of tikhaul: all well; finished, but part of it could not be done
LONGEST_SILENCE_S = 120


def say(text):
    print(f"cluster-local: {text}", flush=True)


class Ports:
    """Free ports, the same at the next start where they are free then."""

    def __init__(self, path):
        self._path = path
        self._given = set()  # to programs of this run, which have taken them
        try:
            with open(path, encoding="utf-8") as file:
                self._ports = json.load(file)
        except (OSError, ValueError):
            self._ports = {}

    def of(self, name):
        port = self._ports.get(name, 0)
        if name in self._given:
            return port
        taken = [other for user, other in self._ports.items() if user != name]
        # Below the range from which the system gives ports to whoever connects.
        while not self._free(port) or port in taken:
            port = random.randrange(17000, 32000)
        self._ports[name] = port
        self._given.add(name)
        with open(self._path, "w", encoding="utf-8") as file:
            json.dump(self._ports, file)
        return port

    @staticmethod
    def _free(port):
        if port == 0:
            return False
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return False
        with socket.socket() as probe:
            # As the programs do: connections that are still ending do not count.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                return False
        return True


def answers(url, context=None):
    try:
        with urllib.request.urlopen(url, timeout=5, context=context) as answer:
            return answer.status == 200
    except OSError:
        return False


def is_ready(address, context):
    return answers(f"https://{address}/readyz", context)


class Simulator:
    """The simulated API. Its time goes on where it was when the set was stopped."""

    def __init__(self, folder, program, port, options):
        self.port = port
        self._program, self._options = program, options
        self._log = f"{folder}/logs/simulator.log"
        self._time_file = f"{folder}/simulated_time"
        try:
            with open(self._time_file, encoding="utf-8") as file:
                start = float(file.read())
        except (OSError, ValueError):
            first = datetime.datetime.strptime(options.first_day, "%Y-%m-%dT%H:%M:%SZ")
            start = first.replace(tzinfo=datetime.timezone.utc).timestamp()
        self.clock_offset = round(start - time.time())

    def member(self):
        return Member("simulator", self._command, self._log, patience_s=5)

    def _command(self):
        now = time.gmtime(time.time() + self.clock_offset)
        return [self._program, "--dataset", self._options.dataset, "--tier", "fourth", "--latency-ms", "80", "--now",
                time.strftime("%Y-%m-%dT%H:%M:%SZ", now), "--listen", f"127.0.0.1:{self.port}"]

    def answers(self):
        return answers(f"http://127.0.0.1:{self.port}/sim/stats")

    def keep_time(self):
        with open(self._time_file, "w", encoding="utf-8") as file:
            file.write(str(time.time() + self.clock_offset))


class Cluster:
    def __init__(self, options, shutdown):
        self._options = options
        self._folder = options.data
        self._members = Members(say, shutdown)
        self._config = f"{self._folder}/tikhaul.yaml"  # the operator's
        self._simulator = None
        self._postgres = None

    # --- starting ---

    def start(self):
        for name in ("logs", "secrets"):
            os.makedirs(f"{self._folder}/{name}", exist_ok=True)
        os.chmod(f"{self._folder}/secrets", 0o700)
        ports = Ports(f"{self._folder}/ports.json")
        tls = Certificates(self._folder, f"{SCRIPTS}/make-certificates")
        tls.issue(*CERTIFICATES)
        self._postgres = Postgres(self._folder, ports.of("postgres"), tls)
        self._postgres.make()
        self._members.add([self._postgres.member()], self._postgres.answers)
        self._postgres.make_database()
        redis = Redis(self._folder, ports.of("redis"), tls, f"{SCRIPTS}/../k8s/redis/users.acl")
        self._members.add([redis.member()], redis.answers)
        work = self._start_simulator(ports) if self._options.config is None else settings.theirs(self._options.config)
        addresses = {f"coordinator-{i}": f"127.0.0.1:{ports.of(f'coordinator-{i}')}"
                     for i in range(self._options.coordinators)}
        self._write_settings(work, tls, {
            **self._postgres.settings(), **redis.settings(),
            "coordinator": {"addresses": list(addresses.values()), "spool_dir": f"{self._folder}/spool"}})
        self._start_programs(addresses, ports)
        self._tell(addresses, ports)

    def _start_simulator(self, ports):
        self._simulator = Simulator(self._folder, f"{self._options.bin}/tikhaul-simulator", ports.of("simulator"),
                                    self._options)
        self._members.add([self._simulator.member()], self._simulator.answers)
        return settings.simulated(self._simulator.port, f"{self._folder}/secrets",
                                  f"{SCRIPTS}/lib/simulated_extracts.yaml")

    def _write_settings(self, work, tls, common):
        """One file for each role: each has a certificate of its own. Who asks must know nobody."""
        token = make_secret(f"{self._folder}/secrets/viewer_token")
        identities = [{"name": "coordinators", "role": "coordinator", "certificate": "coordinator.tikhaul"},
                      {"name": "workers", "role": "worker", "certificate": "worker.tikhaul"},
                      {"name": "operators", "role": "operator", "certificate": "operator.tikhaul"},
                      {"name": "viewers", "role": "viewer", "token_hash": hashlib.sha256(token.encode()).hexdigest()}]
        for path, name, more in ((f"{self._folder}/coordinator.yaml", "coordinator.tikhaul", {"identities": identities}),
                                 (f"{self._folder}/worker.yaml", "worker.tikhaul", {"identities": identities}),
                                 (self._config, "operator.tikhaul", {})):
            settings.write(path, work, {**common, **more, "tls": tls.settings(name)})

    def _start_programs(self, addresses, ports):
        context = ssl.create_default_context(cafile=f"{self._folder}/tls/ca.pem")
        workers = [f"worker-{index}" for index in range(self._options.workers)]
        self._members.add([self._program(name, "coordinator", ports, ["--listen", address])
                           for name, address in addresses.items()],
                          lambda: all(is_ready(self._http(name, ports), context) for name in addresses))
        self._members.add([self._program(name, "worker", ports, ["--name", name]) for name in workers],
                          lambda: all(is_ready(self._http(name, ports), context) for name in workers))

    def _program(self, name, role, ports, words):
        command = [f"{self._options.bin}/tikhaul-{role}", "--config", f"{self._folder}/{role}.yaml", "--http",
                   self._http(name, ports)] + words
        if self._simulator:
            command += ["--clock-offset", str(self._simulator.clock_offset)]
        return Member(name, lambda: command, f"{self._folder}/logs/{name}.log")

    @staticmethod
    def _http(name, ports):
        return f"127.0.0.1:{ports.of(f'{name} http')}"

    def _tell(self, addresses, ports):
        pages = [f"https://{self._http(name, ports)}/" for name in addresses]
        workers = [f"https://{self._http(f'worker-{index}', ports)}/" for index in range(self._options.workers)]
        say("everything runs")
        for name, what in (
                ("work", self._options.config or f"simulated API on 127.0.0.1:{self._simulator.port}"),
                ("status page", f"{', '.join(pages)} (token in secrets/viewer_token; believe tls/ca.pem)"),
                ("metrics", ", ".join(f"{page}metrics" for page in pages + workers)),
                ("coordinators", ", ".join(addresses.values())),
                ("PostgreSQL", f"127.0.0.1:{self._postgres.port}, database {DATABASE}, schema and role {ROLE}, password in "
                               "secrets/postgres"),
                ("data and logs", self._folder),
                ("as operator", f"{self._options.bin}/tikhaul --config {self._config} status")):
            print(f"  {name:13} {what}", flush=True)

    # --- work ---

    def work(self):
        """Backfill and increments. Gives the exit code."""
        codes = [self._tikhaul_until_done([command, "--wait"]) for command in ("backfill", "sync")]
        with open(f"{SCRIPTS}/lib/summary.sql", encoding="utf-8") as file:
            print(self._postgres.query(file.read()), end="", flush=True)
        return max(codes)

    def _tikhaul_until_done(self, words):
        """The same words again when the coordinator that answered has gone: they mean the same run."""
        failing_since, told = None, ""
        while True:
            started = time.monotonic()
            child = subprocess.Popen([f"{self._options.bin}/tikhaul", "--config", self._config, *words],
                                     stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
                                     start_new_session=True)
            try:
                while child.poll() is None:
                    self._tend(0.2)
            finally:
                if child.poll() is None:
                    child.kill()
                    child.wait()
            if child.returncode in (DONE, PARTIAL):
                return child.returncode
            error = child.stderr.read().strip()
            if error != told:
                say(f"{error}; asking again")
                told = error
            now = time.monotonic()
            if failing_since is None or now - started > STEADY_S:
                failing_since = now
            if now - failing_since > LONGEST_SILENCE_S:
                raise RuntimeError(f"`tikhaul {' '.join(words)}` fails; logs are in {self._folder}/logs")
            self._tend(1)

    def tend(self):
        while True:
            self._tend(0.5)

    def _tend(self, seconds):
        self._members.tend(seconds)
        if self._simulator:
            self._simulator.keep_time()

    def stop(self):
        self._members.stop()
        shutil.rmtree(f"{self._folder}/spool", ignore_errors=True)


def parse(words):
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--data", required=True)
    parser.add_argument("--bin", required=True)
    parser.add_argument("--first-day", required=True)
    parser.add_argument("--config")
    parser.add_argument("--dataset", default="quickstart")
    parser.add_argument("--workers", type=int, default=4)
    parser.add_argument("--coordinators", type=int, default=2)
    parser.add_argument("--once", action="store_true")
    return parser.parse_args(words)


def main():
    options = parse(sys.argv[1:])
    shutdown = Shutdown()
    with open(f"{options.data}/cluster-local", "w", encoding="utf-8") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            say(f"another one runs in {options.data}; use --data")
            return 1
        return run(options, shutdown)


def run(options, shutdown):
    cluster = Cluster(options, shutdown)
    try:
        cluster.start()
        code = cluster.work()
        if options.once:
            return code
        say("everything is read; schedules go on. Ctrl-C stops")
        cluster.tend()
    except Stopped:
        return 130 if options.once else 0
    except (RuntimeError, subprocess.SubprocessError, OSError) as error:
        say(str(error))
        return 1
    finally:
        say("stopping")
        cluster.stop()
        say(f"stopped; the next start goes on from here (data are in {options.data})")


if __name__ == "__main__":
    sys.exit(main())
