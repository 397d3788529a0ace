"""What the admin scripts share: options, the way to the coordinator that leads, pages, waiting.

A script of your own begins so:

    import tikhaul_admin
    from tikhaul_admin import pb

    def main():
        parser = tikhaul_admin.parser("What it does")
        admin = tikhaul_admin.Admin(parser.parse_args())
        for run in admin.pages("ListRuns", pb.ListRunsRequest(state="running"), "runs"):
            print(run.id)
        return 0

    tikhaul_admin.run(main)
"""

import argparse
import glob
import hashlib
import os
import sys
import time

HERE = os.path.dirname(os.path.realpath(__file__))
EXIT_OK, EXIT_FAILED, EXIT_USAGE, EXIT_PARTIAL = 0, 1, 2, 3  # as the command line's


def _find_stubs():
    """The folder of tikhaul/v1/admin_pb2.py, which the build makes."""
    candidates = [os.environ.get("TIKHAUL_PYTHON", "")]
    candidates += sorted(glob.glob(os.path.join(HERE, "../../build/*/python")))
    candidates.append("/usr/share/tikhaul/python")
    for folder in candidates:
        if folder and os.path.exists(os.path.join(folder, "tikhaul/v1/admin_pb2_grpc.py")):
            return folder
    sys.exit("the admin service's Python modules are missing: build with scripts/build, or name their folder in "
             "TIKHAUL_PYTHON")


try:
    import grpc
except ImportError:
    sys.exit("the Python package grpcio is missing: apt-get install python3-grpcio, and run with /usr/bin/python3")

sys.path.insert(0, _find_stubs())
from tikhaul.v1 import admin_pb2 as pb  # noqa: E402
from tikhaul.v1 import admin_pb2_grpc  # noqa: E402


class Failure(Exception):
    """Said to the user as it is; `code` is the gRPC status code where there is one."""

    def __init__(self, message, code=None):
        super().__init__(message)
        self.code = code


def parser(description):
    """An argument parser with the options that every script takes."""
    made = argparse.ArgumentParser(
        description=description,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="Exit codes: 0 all well; 1 failed; 2 wrong usage; 3 finished, but part of it could not be done, or "
               "something is missing.")
    way = made.add_argument_group("the way to the coordinator")
    way.add_argument("--coordinator", metavar="ADDRESS", default=os.environ.get("TIKHAUL_COORDINATOR", "127.0.0.1:7733"),
                     help="host:port or unix:/path, or several with commas (environment: TIKHAUL_COORDINATOR)")
    way.add_argument("--ca-file", metavar="FILE", default=os.environ.get("TIKHAUL_CA_FILE"),
                     help="certificates of those who may sign the coordinator's; turns TLS on (TIKHAUL_CA_FILE)")
    way.add_argument("--certificate-file", metavar="FILE", default=os.environ.get("TIKHAUL_CERTIFICATE_FILE"),
                     help="certificate that this script shows (TIKHAUL_CERTIFICATE_FILE)")
    way.add_argument("--key-file", metavar="FILE", default=os.environ.get("TIKHAUL_KEY_FILE"),
                     help="its key (TIKHAUL_KEY_FILE)")
    way.add_argument("--token-file", metavar="FILE", default=os.environ.get("TIKHAUL_TOKEN_FILE"),
                     help="bearer token that this script shows (TIKHAUL_TOKEN_FILE)")
    way.add_argument("--patience", metavar="SECONDS", type=float, default=30.0,
                     help="how long to look for a coordinator that leads (default: 30)")
    return made


def day(text):
    """For argparse: a day as the admin service spells it, or empty for none."""
    if not text:
        return text
    try:
        time.strptime(text, "%Y-%m-%d")
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a day like 2026-03-31")
    return text


def key_of(*words):
    """An idempotency key that is the same for the same words: running a script again does nothing twice."""
    digest = hashlib.sha256("\0".join(str(word) for word in words).encode()).hexdigest()[:24]
    return f"{os.path.basename(sys.argv[0])} {digest}"[-128:]


def new_key():
    """An idempotency key that never comes again: for what is to be done anew with each run of a script."""
    return key_of(time.time_ns(), os.getpid())


def _read(path):
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError as error:
        raise Failure(f"{path}: {error.strerror}")


def _is_local(address):
    return address.startswith(("unix:", "127.", "localhost:", "[::1]:"))


class Admin:
    """The admin service, wherever it is led."""

    def __init__(self, options):
        self._options = options
        self._addresses = [one.strip() for one in options.coordinator.split(",") if one.strip()]
        if not self._addresses:
            raise Failure("--coordinator names no address")
        if bool(options.certificate_file) != bool(options.key_file):
            raise Failure("--certificate-file and --key-file go together")
        if options.certificate_file and not options.ca_file:
            raise Failure("--certificate-file needs --ca-file: without it there is no TLS")
        self._next = 0
        self._stubs = {}
        self._address = self._addresses[0]

    def _stub(self):
        if self._address not in self._stubs:
            options = self._options
            if options.ca_file:
                credentials = grpc.ssl_channel_credentials(
                    root_certificates=_read(options.ca_file),
                    private_key=_read(options.key_file) if options.key_file else None,
                    certificate_chain=_read(options.certificate_file) if options.certificate_file else None)
                channel = grpc.secure_channel(self._address, credentials)
            else:
                channel = grpc.insecure_channel(self._address)
            self._stubs[self._address] = admin_pb2_grpc.AdminStub(channel)
        return self._stubs[self._address]

    def _metadata(self):
        if not self._options.token_file:
            return []
        if not self._options.ca_file and not _is_local(self._address):
            raise Failure(f"the token is not sent to {self._address} without TLS: name --ca-file")
        token = _read(self._options.token_file).decode().strip()  # anew each time: it may be rotated
        return [("authorization", f"Bearer {token}")]

    def _follow(self, error, deadline):
        """After a call that failed: goes to whoever may answer it, and says whether there is sense in that."""
        if error.code() != grpc.StatusCode.UNAVAILABLE or time.monotonic() > deadline:
            return False
        lead = dict(error.trailing_metadata() or ()).get("tikhaul-lead")
        if lead:
            self._address = lead
            return True
        if lead is None:  # nobody answered there
            self._next = (self._next + 1) % len(self._addresses)
            self._address = self._addresses[self._next]
        time.sleep(0.3)
        return True

    def _fail(self, method, error):
        raise Failure(f"{method} at {self._address}: {error.details()} ({error.code().name})", error.code())

    def call(self, method, request, timeout=600.0):
        """One call. It is made again when a coordinator went away meanwhile: changing calls carry a key for that."""
        if "idempotency_key" in request.DESCRIPTOR.fields_by_name and not request.idempotency_key:
            request.idempotency_key = new_key()
        deadline = time.monotonic() + self._options.patience
        while True:
            try:
                return getattr(self._stub(), method)(request, timeout=timeout, metadata=self._metadata())
            except grpc.RpcError as error:
                if not self._follow(error, deadline):
                    self._fail(method, error)

    def pages(self, method, request, field, size=1000):
        """The elements of a list, page by page."""
        request.page_size = size
        while True:
            answer = self.call(method, request)
            yield from getattr(answer, field)
            if not answer.next_page_token:
                return
            request.page_token = answer.next_page_token

    def await_runs(self, run_ids):
        """Waits until the runs have ended, or nothing can go on; returns them as they stand then."""
        if not run_ids:
            return []
        request = pb.WatchStatusRequest(interval_ms=1000, until_idle=True, run_ids=run_ids)
        deadline = time.monotonic() + self._options.patience
        status = None
        while True:
            try:
                for status in self._stub().WatchStatus(request, metadata=self._metadata()):
                    deadline = time.monotonic() + self._options.patience
                    _show_progress(status)
                return list(status.runs)
            except grpc.RpcError as error:
                if not self._follow(error, deadline):
                    self._fail("WatchStatus", error)


def _show_progress(status):
    if not sys.stderr.isatty():
        return
    done = sum(run.chunks.done for run in status.runs)
    wanted = sum(run.chunks.ready + run.chunks.running + run.chunks.done + run.chunks.dead for run in status.runs)
    rows = sum(run.rows for run in status.runs)
    print(f"\r{done}/{wanted} chunks, {rows} rows ", end="", file=sys.stderr, flush=True)


def tell_runs(runs):
    """Prints a line for each run that is not done, and returns the exit code."""
    code = EXIT_OK
    for one in runs:
        if one.state == "done" and one.chunks.dead == 0:
            continue
        code = EXIT_PARTIAL
        why = "paused or blocked: tikhaul status tells" if one.state == "running" else one.state
        print(f"{one.id}: {why}, {one.chunks.done} chunks done, {one.chunks.dead} dead, {one.chunks.ready} left")
    return code


def run(main):
    """Runs a script's main and ends with its exit code."""
    try:
        code = main()
        sys.stdout.flush()
        sys.exit(code)
    except Failure as failure:
        print(f"{os.path.basename(sys.argv[0])}: {failure}", file=sys.stderr)
        sys.exit(EXIT_FAILED)
    except BrokenPipeError:  # whoever reads has had enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(EXIT_OK)
    except KeyboardInterrupt:
        sys.exit(130)
