"""scripts/cluster-local: works through blows, goes on where it was, and leaves nothing behind.

cluster_local_test.py SCRIPT FOLDER_OF_PROGRAMS [TEST...]
"""

import glob
import json
import os
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import unittest
import urllib.error
import urllib.request

SCRIPT, PROGRAMS = (os.path.abspath(word) for word in sys.argv[1:3])
PATIENCE_S = 240


class Run:
    """One cluster-local, with what it writes."""

    def __init__(self, home, *words, cwd=None):
        environment = dict(os.environ, TMPDIR=f"{home}/tmp")
        self.process = subprocess.Popen(
            [SCRIPT, "--data", f"{home}/data", "--bin", PROGRAMS, "--dataset", "small", *words], env=environment, cwd=cwd,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            start_new_session=True)
        self.lines = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self):
        with self.process.stdout as output:
            for line in output:
                self.lines.append(line)

    def text(self):
        return "".join(self.lines)

    def await_text(self, wanted):
        end = time.monotonic() + PATIENCE_S
        while wanted not in self.text():
            if self.process.poll() is not None or time.monotonic() > end:
                raise AssertionError(f"{wanted!r} never came:\n{self.text()}")
            time.sleep(0.02)

    def interrupt(self):
        """As a terminal does at Ctrl-C."""
        os.killpg(self.process.pid, signal.SIGINT)

    def end(self):
        code = self.process.wait(PATIENCE_S)
        self._reader.join(PATIENCE_S)
        return code


def processes_of(home):
    """Whose words or working folder lie in the home: {pid: words}."""
    found = {}
    for entry in glob.glob("/proc/[0-9]*"):
        try:
            with open(f"{entry}/cmdline", encoding="utf-8", errors="replace") as file:
                words = file.read().replace("\0", " ")
            if home in words or os.readlink(f"{entry}/cwd").startswith(home):
                found[int(os.path.basename(entry))] = words
        except OSError:
            continue
    return found


class ClusterLocalTest(unittest.TestCase):
    def setUp(self):
        self.home = tempfile.mkdtemp(prefix="tkc-")
        os.chmod(self.home, 0o755)
        os.mkdir(f"{self.home}/tmp")
        self.addCleanup(self._clean_up)
        self.run_now = None

    def _clean_up(self):
        if self.run_now and self.run_now.process.poll() is None:
            self.run_now.process.kill()
            self.run_now.process.wait()
        for name in glob.glob(f"{self.home}/data/logs/*.log") if self._outcome_is_bad() else []:
            with open(name, encoding="utf-8", errors="replace") as log:
                print(f"----- end of {name}", *log.read().splitlines()[-15:], sep="\n")
        self._await_nothing_left()
        shutil.rmtree(self.home, ignore_errors=True)

    def _outcome_is_bad(self):
        return any(error for _, error in getattr(self._outcome, "errors", [])) or not self._outcome.success

    def start(self, *words):
        self.run_now = Run(self.home, *words)
        return self.run_now

    def pid_of(self, words):
        pids = [pid for pid, command in processes_of(self.home).items() if words in command]
        self.assertEqual(len(pids), 1, f"{words}: {processes_of(self.home)}")
        return pids[0]

    def _await_nothing_left(self):
        end = time.monotonic() + 30
        while processes_of(self.home) and time.monotonic() < end:
            time.sleep(0.05)
        self.assertEqual(processes_of(self.home), {})

    def assert_nothing_left(self):
        self._await_nothing_left()
        self.assertEqual(os.listdir(f"{self.home}/tmp"), [])
        for folder, _, files in os.walk(f"{self.home}/data"):
            for name in files:
                path = os.path.join(folder, name)
                self.assertFalse(path.endswith((".sock", ".pid")) or os.path.islink(path), path)
        self.assertFalse(os.path.exists(f"{self.home}/data/spool"))
        for user, port in self.ports().items():
            with socket.socket() as probe:
                self.assertNotEqual(probe.connect_ex(("127.0.0.1", port)), 0, f"{user} still listens")

    def ports(self):
        with open(f"{self.home}/data/ports.json", encoding="utf-8") as file:
            return json.load(file)

    def tikhaul(self, *words):
        done = subprocess.run([f"{PROGRAMS}/tikhaul", "--config", f"{self.home}/data/tikhaul.yaml", *words],
                              capture_output=True, text=True, check=False, timeout=PATIENCE_S)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done.stdout

    def assert_all_is_read(self):
        """By the set's own proof, by its plans, and by the API's figures."""
        until = time.monotonic() + PATIENCE_S
        while True:
            status = json.loads(self.tikhaul("--json", "status"))
            # The lead hears of the other coordinator's workers a moment later.
            if len(status["workers"]) == 4 or time.monotonic() > until:
                break
            time.sleep(0.5)
        self.assertEqual(int(status.get("dead_letters", 0)), 0)
        self.assertEqual(len(status["coordinators"]), 2)
        self.assertEqual(len(status["workers"]), 4)
        windows = json.loads(self.tikhaul("--json", "ledger"))["entries"]
        self.assertEqual({window["extract"] for window in windows},
                         {"ads_daily", "ads_age_gender", "adverts", "ad_groups", "campaigns", "interest_categories"})
        for window in windows:
            self.assertEqual(window.get("rows", 0), window.get("promised_rows", 0), window)
        self.tikhaul("verify")

    def answer_of(self, name, path, token=None):
        """The HTTP status of a page of one of the programs, over verified TLS."""
        context = ssl.create_default_context(cafile=f"{self.home}/data/tls/ca.pem")
        request = urllib.request.Request(f"https://127.0.0.1:{self.ports()[name + ' http']}{path}")
        if token:
            request.add_header("Authorization", f"Bearer {token}")
        try:
            with urllib.request.urlopen(request, context=context, timeout=30) as answer:
                return answer.status
        except urllib.error.HTTPError as error:
            return error.code

    def assert_doors_are_watched(self):
        with open(f"{self.home}/data/secrets/viewer_token", encoding="utf-8") as file:
            token = file.read().strip()
        for name in ("coordinator-0", "coordinator-1", "worker-0", "worker-3"):
            self.assertEqual(self.answer_of(name, "/healthz"), 200, name)
            self.assertEqual(self.answer_of(name, "/readyz"), 200, name)
            self.assertEqual(self.answer_of(name, "/metrics", token), 200, name)
            self.assertEqual(self.answer_of(name, "/metrics"), 401, name)
        for name in ("coordinator-0", "coordinator-1"):
            self.assertEqual(self.answer_of(name, "/api/status", token), 200, name)
            self.assertEqual(self.answer_of(name, "/api/status"), 401, name)
        asked_as_worker = subprocess.run(
            [f"{PROGRAMS}/tikhaul", "--config", f"{self.home}/data/worker.yaml", "pause", "all"], capture_output=True,
            text=True, check=False, timeout=PATIENCE_S)
        self.assertEqual(asked_as_worker.returncode, 1, asked_as_worker.stdout)
        for name in os.listdir(f"{self.home}/data/secrets"):
            self.assertEqual(os.stat(f"{self.home}/data/secrets/{name}").st_mode & 0o077, 0, name)

    def test_reads_all_through_blows_and_goes_on_at_the_next_start(self):
        run = self.start("--once")
        run.await_text("calls/s")
        os.kill(self.pid_of("--name worker-0"), signal.SIGKILL)
        os.kill(self.pid_of(f"--listen 127.0.0.1:{self.ports()['coordinator-1']}"), signal.SIGKILL)
        self.assertEqual(run.end(), 0, run.text())
        self.assertIn("worker-0 was ended by SIGKILL; starting it again", run.text())
        self.assertIn("coordinator-1 was ended by SIGKILL; starting it again", run.text())
        self.assert_nothing_left()

        ports = self.ports()
        run = self.start()
        run.await_text("everything is read")
        self.assertEqual(self.ports(), ports)
        self.assertIn("ads_daily: up to date", run.text())
        self.assert_all_is_read()
        self.assert_doors_are_watched()
        run.interrupt()
        self.assertEqual(run.end(), 0, run.text())
        self.assert_nothing_left()

    def test_reads_what_the_users_own_configuration_says_wherever_it_is_called(self):
        own = f"{self.home}/own"
        os.mkdir(own)
        secrets = {"token": "sim-token-0123456789abcdef", "app_secret": "sim-secret-0123456789abcdef"}
        for name, secret in secrets.items():
            with open(f"{own}/{name}", "w", encoding="utf-8") as file:
                file.write(secret)
        simulator = subprocess.Popen(
            [f"{PROGRAMS}/tikhaul-simulator", "--dataset", "small", "--tier", "fourth", "--now", "real", "--port-file",
             f"{own}/port"], stdout=subprocess.DEVNULL)
        self.addCleanup(simulator.wait)
        self.addCleanup(simulator.kill)
        until = time.monotonic() + PATIENCE_S
        while not os.path.exists(f"{own}/port") and time.monotonic() < until:
            time.sleep(0.02)
        with open(f"{own}/port", encoding="utf-8") as file:
            port = int(file.read())
        with open(f"{own}/mine.yaml", "w", encoding="utf-8") as file:
            file.write(f"""
app: {{id: "7000000000000000001", secret_file: app_secret}}
api: {{base_url: "http://127.0.0.1:{port}/open_api/v1.3/"}}
quota: {{tier: fourth}}
connections: [{{name: mine, token_file: token, advertisers: all}}]
store: sqlite:mine.db
extracts: [{{name: the_campaigns, stream: campaigns}}]
""")
        self.run_now = Run(self.home, "--once", "--config", "mine.yaml", cwd=own)
        self.assertEqual(self.run_now.end(), 0, self.run_now.text())
        self.assertRegex(self.run_now.text(), r"the_campaigns: \d+/\d+ chunks")
        self.assertFalse(os.path.exists(f"{own}/mine.db"))
        simulator.kill()
        self.assert_nothing_left()

    def test_leaves_nothing_behind_when_it_is_killed_or_stopped_early(self):
        run = self.start("--once")
        run.await_text("everything runs")
        second = Run(self.home, "--once")
        self.assertEqual(second.end(), 1, second.text())
        self.assertIn("another one runs", second.text())
        run.process.kill()
        run.process.wait()
        self._await_nothing_left()

        run = self.start("--once")
        while "postgres" not in str(processes_of(self.home)):
            time.sleep(0.02)
        run.interrupt()
        self.assertEqual(run.end(), 130, run.text())
        self.assert_nothing_left()


class OwnConfigurationTest(unittest.TestCase):
    def test_keeps_what_is_the_users_and_leaves_out_what_is_the_sets(self):
        sys.path.insert(0, f"{os.path.dirname(SCRIPT)}/lib/cluster_local")
        import settings  # pylint: disable=import-outside-toplevel,import-error
        with tempfile.TemporaryDirectory() as folder:
            with open(f"{folder}/tikhaul.yaml", "w", encoding="utf-8") as file:
                file.write("""
# A comment.
app: {id: 0070000000000000001, secret_file: secrets/app_secret}
connections:
- name: main
  token_file: "${HOME}/token"
  advertisers: [7002238017842757633, {id: "0012", timezone: Europe/London}]
- {name: second, token_file: /etc/token, advertisers: all}
store: sqlite:mine.db
redis: redis://mine
tls:
  ca_file: mine.pem
coordinator: {listen: "127.0.0.1:7733"}
extracts:
- {name: ads, stream: adverts, backfill: 5y, schedule: "30 13 * * *"}
""")
            text = settings.theirs(f"{folder}/tikhaul.yaml")
            for kept in ("0070000000000000001", "7002238017842757633", "0012", f"{folder}/secrets/app_secret",
                         "${HOME}/token", "/etc/token", "30 13 * * *"):
                self.assertIn(kept, text)
            for left_out in ("mine.db", "mine.pem", "redis:", ":7733", "store:", "tls:"):
                self.assertNotIn(left_out, text)
            with open(f"{folder}/list.yaml", "w", encoding="utf-8") as file:
                file.write("- a list")
            with self.assertRaisesRegex(RuntimeError, "is not a configuration"):
                settings.theirs(f"{folder}/list.yaml")


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0]] + sys.argv[3:], verbosity=2)
