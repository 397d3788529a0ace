"""A running set of real processes for the benchmarks: simulator, Redis, coordinator, workers, in a temporary folder."""
import contextlib
import glob
import json
import os
import pwd
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.request

BIN = os.environ.get("TIKHAUL_BIN") or os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "build", "release", "bin")
TOKEN = "sim-token-0123456789abcdef"
SECRET = "sim-secret-0123456789abcdef"
NOW = "2026-06-15T12:00:00Z"
NOW_SECONDS = 1781524800
# Two dimensions and thirty metrics, all numbers.
METRICS = ("spend impressions clicks ctr cpc cpm reach frequency cost_per_1000_reached conversion cost_per_conversion "
           "conversion_rate real_time_conversion real_time_cost_per_conversion real_time_conversion_rate result "
           "cost_per_result result_rate video_play_actions video_watched_2s video_watched_6s video_views_p25 "
           "video_views_p50 video_views_p75 video_views_p100 average_video_play likes comments shares follows").split()


# So that children are stopped, too, when a benchmark is.
signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))


class Processes:
    """Children with their CPU time and peak memory, stopped together."""

    def __init__(self, folder):
        self.folder = folder
        self.children = {}
        self.postgres = None

    def query(self, sql):
        """Rows of the store as lists of text."""
        if self.postgres:
            return self.postgres.query("SET search_path TO tikhaul; " + sql)[1:]
        with contextlib.closing(sqlite3.connect(f"{self.folder}/tikhaul.db")) as db:
            return [[str(cell) for cell in row] for row in db.execute(sql)]

    def change(self, sql, triggers=True):
        """One statement that changes the store. `triggers`: PostgreSQL's are to fire."""
        if self.postgres:
            role = "origin" if triggers else "replica"
            must(subprocess.run(["psql", self.postgres.url, "-q", "-c", f"SET search_path TO tikhaul; SET session_replication_role = {role}", "-c", sql],
                                capture_output=True, text=True))
            return
        with contextlib.closing(sqlite3.connect(f"{self.folder}/tikhaul.db", timeout=60, isolation_level=None)) as db:
            db.execute(sql)

    def start(self, name, *command, user=None):
        with open(os.path.join(self.folder, name + ".log"), "w") as log:
            self.children[name] = subprocess.Popen(command, stdout=log, stderr=log, cwd=self.folder, user=user)

    def cpu_seconds(self, name):
        """Of the process and, where it has children, of these, those that have ended among them."""
        pid = self.children[name].pid
        with open(f"/proc/{pid}/task/{pid}/children") as children:
            living = children.read().split()
        return cpu_of(pid, ended_children=True) + sum(cpu_of(child) for child in living)

    def peak_mib(self, name):
        with open(f"/proc/{self.children[name].pid}/status") as status:
            return next(int(line.split()[1]) for line in status if line.startswith("VmHWM")) / 1024

    def kill(self, name):
        self.children[name].kill()
        self.children.pop(name).wait()

    def stop(self):
        for child in reversed(self.children.values()):
            child.send_signal(signal.SIGTERM)
        for child in self.children.values():
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.wait(15)
            child.kill()


def cpu_of(pid, ended_children=False):
    with contextlib.suppress(FileNotFoundError):
        with open(f"/proc/{pid}/stat") as stat:
            fields = stat.read().rsplit(")", 1)[1].split()
        return sum(int(field) for field in fields[11:15 if ended_children else 13]) / os.sysconf("SC_CLK_TCK")
    return 0.0


class Postgres:
    """A PostgreSQL of its own, in a folder below that of the processes, with the server's own settings but `settings`."""

    def __init__(self, processes, settings=()):
        programs = max(glob.glob("/usr/lib/postgresql/*/bin"), default="")
        user = "postgres" if os.geteuid() == 0 else None  # the server refuses to run as root
        self.folder = os.path.join(processes.folder, "postgres")
        os.mkdir(self.folder)
        if user:
            os.chmod(processes.folder, 0o755)
            os.chown(self.folder, pwd.getpwnam(user).pw_uid, -1)
        must(subprocess.run([os.path.join(programs, "initdb"), "--pgdata", f"{self.folder}/data", "--username", "postgres", "--auth", "trust",
                             "--encoding", "UTF8", "--locale", "C.UTF-8", "--no-sync"], capture_output=True, text=True, user=user, cwd=self.folder))
        self.url = f"postgresql://postgres@/postgres?host={self.folder}"
        processes.start("postgres", os.path.join(programs, "postgres"), "-D", f"{self.folder}/data", "-k", self.folder, "-c", "listen_addresses=",
                        *[part for setting in settings for part in ("-c", setting)], user=user)
        wait_for(lambda: subprocess.run(["psql", self.url, "-c", "SELECT 1"], capture_output=True).returncode == 0)

    def query(self, sql):
        """Rows as lists of text."""
        lines = must(subprocess.run(["psql", self.url, "-AtF", "\t", "-c", sql], capture_output=True, text=True)).stdout.splitlines()
        return [line.split("\t") for line in lines]


@contextlib.contextmanager
def postgres_alone(settings=()):
    """A PostgreSQL and nothing else; gives it."""
    folder = tempfile.mkdtemp(prefix="tkb-", dir="/tmp")
    processes = Processes(folder)
    try:
        yield Postgres(processes, settings)
    finally:
        processes.stop()
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def cluster(dataset, per_second, latency, slots=16, workers=2, guard_ms=15, extracts=(), postgres=None, coordinators=1):
    """A running set, of a daily report unless `extracts` (YAML) are given; gives the processes and the simulator's base address.
    `latency`: as --latency-ms of the simulator. `postgres`: settings of a PostgreSQL, which is then the store instead of SQLite.
    The coordinators are "coordinator", "coordinator-2" and so on."""
    folder = tempfile.mkdtemp(prefix="tkb-", dir="/tmp")
    daily = f"{{name: ads_daily, stream: basic_report, level: ad, dimensions: [stat_time_day], metrics: [{', '.join(METRICS)}]}}"
    list_of_extracts = "".join(f"\n  - {extract}" for extract in extracts or [daily])
    processes = Processes(folder)
    try:
        quota = {"second": per_second, "minute": per_second * 60, "day": per_second * 86400}
        processes.start("simulator", f"{BIN}/tikhaul-simulator", "--dataset", dataset, "--now", NOW, "--listen", "127.0.0.1:0",
                        "--port-file", "port", "--latency-ms", str(latency), "--threads", "1024",
                        *[part for unit, limit in quota.items() for part in (f"--per-{unit}", str(limit))])
        port = wait_for(lambda: read(os.path.join(folder, "port")))
        os.mkdir(os.path.join(folder, "secrets"))
        write(os.path.join(folder, "secrets", "token"), TOKEN)
        write(os.path.join(folder, "secrets", "app_secret"), SECRET)
        sockets = [f"{folder}/c.sock", *(f"{folder}/c{i}.sock" for i in range(2, coordinators + 1))]
        listed = ", ".join(f'"unix:{address}"' for address in sockets)
        addresses = f", addresses: [{listed}]" if coordinators > 1 else ""
        store = "sqlite:tikhaul.db"
        if postgres is not None:
            processes.postgres = Postgres(processes, postgres)
            store = processes.postgres.url
        write(os.path.join(folder, "tikhaul.yaml"), f"""
app: {{id: "7000000000000000001", secret_file: secrets/app_secret}}
connections: [{{name: main, token_file: secrets/token, advertisers: all}}]
extracts:{list_of_extracts}
store: "{store}"
redis: unix:{folder}/redis.sock
api: {{base_url: "http://127.0.0.1:{port}/open_api/v1.3/"}}
quota: {{per_second: {quota["second"]}, per_minute: {quota["minute"]}, per_day: {quota["day"]}, guard_ms: {guard_ms}}}
coordinator: {{listen: "unix:{folder}/c.sock"{addresses}}}
worker: {{slots: {slots}, pages_in_flight: {max(32, slots)}}}
""")
        processes.start("redis", "redis-server", "--port", "0", "--unixsocket", f"{folder}/redis.sock", "--save", "", "--appendonly", "no")
        wait_for(lambda: os.path.exists(f"{folder}/redis.sock"))
        offset = str(NOW_SECONDS - int(time.time()))
        for i, address in enumerate(sockets):
            processes.start("coordinator" if i == 0 else f"coordinator-{i + 1}", f"{BIN}/tikhaul-coordinator", "--config", "tikhaul.yaml",
                            "--listen", f"unix:{address}", "--clock-offset", offset)
        for address in sockets:
            wait_for(lambda: os.path.exists(address))
        for i in range(1, workers + 1):
            start_worker(processes, i)
        wait_for(lambda: tikhaul(folder, "status", "--json").returncode == 0)
        yield processes, f"http://127.0.0.1:{port}"
    finally:
        processes.stop()
        shutil.rmtree(folder, ignore_errors=True)


def start_worker(processes, number):
    offset = str(NOW_SECONDS - int(time.time()))
    processes.start(f"worker-{number}", f"{BIN}/tikhaul-worker", "--config", "tikhaul.yaml", "--clock-offset", offset, "--name",
                    f"worker-{number}")


def tikhaul(folder, *arguments):
    return subprocess.run([f"{BIN}/tikhaul", "--config", "tikhaul.yaml", *arguments], cwd=folder, capture_output=True, text=True)


def wait_for(condition, seconds=30):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        value = condition()
        if value:
            return value
        time.sleep(0.05)
    sys.exit("benchmark: timed out while starting; see the logs in the temporary folder")


def read(path):
    with contextlib.suppress(FileNotFoundError):
        with open(path) as file:
            return file.read().strip()
    return ""


def write(path, text):
    with open(path, "w") as file:
        file.write(text + "\n")


def stats(base):
    with urllib.request.urlopen(base + "/sim/stats") as answer:
        return json.load(answer)


def must(result):
    if result.returncode != 0:
        sys.exit(f"benchmark: {' '.join(result.args)}: {result.stdout}{result.stderr}")
    return result
