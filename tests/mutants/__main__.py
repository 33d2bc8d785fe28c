"""python -m tests.mutants: small faults are put into the rooms, one at a time, and the tests are to notice each.

python -m tests.mutants --room sla --most 40      a sample of one room
python -m tests.mutants --room sla --file clocks  every fault of one file
"""

from __future__ import annotations

import argparse
import hashlib
import shutil
import sys
import tempfile
import time
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.mutants import runs
from tests.mutants.mutations import Mutation, mutations
from tests.mutants.rooms import ROOMS, Room

KNOWN = Path(__file__).with_name("known.toml")
RECORDING_SECONDS = 3600.0
"""How long the tests of a room may take without a fault."""
LEAST_SECONDS, SLOWER = 60.0, 5.0
"""A run with a fault may take so long, or so many times what its tests took without one."""
PASSED = 0


@dataclass(frozen=True)
class Fault:
    """A mutation in its file, with the tests that execute it, the quickest first."""

    file: str
    mutation: Mutation
    tests: tuple[runs.Test, ...]

    @property
    def name(self) -> str:
        """The file and the change."""
        return f"{self.file}:{self.mutation.line} {self.mutation.name}"


@dataclass
class Count:
    """What became of the faults of a room."""

    killed: int = 0
    by_time: int = 0
    known: int = 0
    survived: int = 0

    def __add__(self, other: Count) -> Count:
        return Count(
            *(getattr(self, name) + getattr(other, name) for name in ("killed", "by_time", "known", "survived"))
        )

    def __str__(self) -> str:
        tried = self.killed + self.known + self.survived
        share = f"{100 * self.killed / tried:.0f} %" if tried else "none"
        return (
            f"{self.killed} of {tried} killed ({share}), {self.by_time} of them by time; "
            f"{self.known} survive with a reason, {self.survived} without"
        )


def main() -> int:
    """Print the kill rate of each room and what survived; return 1 where something survived without a reason."""
    arguments = _arguments()
    runs.prepare()
    folder = Path(tempfile.mkdtemp(prefix="mql-mutants-"))
    try:
        counts = [_room(name, arguments, folder / name) for name in arguments.room or ROOMS]
    finally:
        shutil.rmtree(folder)
    return int(any(count.survived for count in counts))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.mutants")
    parser.add_argument("--room", choices=ROOMS, action="append", help="this one only; may be repeated")
    parser.add_argument("--file", default="", help="only files whose name contains this")
    parser.add_argument("--most", type=int, default=25, help="faults in each room")
    parser.add_argument("--boundaries", action="store_true", help="and every boundary, such as > for >=, beside them")
    parser.add_argument("--seed", type=int, default=1, help="of the sample")
    parser.add_argument("--jobs", type=int, default=1, help="runs at once")
    parser.add_argument("--verbose", action="store_true", help="also tell what noticed the others")
    return parser.parse_args()


def _room(name: str, arguments: argparse.Namespace, folder: Path) -> Count:
    began, room = time.monotonic(), ROOMS[name]
    tests = _recorded(room, folder)
    print(f"{name}: {len(tests)} tests pass in {time.monotonic() - began:.0f} s", flush=True)
    faults = _faults([file for file in room.files() if arguments.file in file], tests)
    sample = _sample(faults, arguments.seed, arguments.most)
    count = _tried(name, sample, arguments, folder)
    if arguments.boundaries:
        others = [fault for fault in faults if fault.mutation.boundary and fault not in sample]
        count += _tried(f"{name}, other boundaries", others, arguments, folder)
    return count


def _tried(what: str, faults: Sequence[Fault], arguments: argparse.Namespace, folder: Path) -> Count:
    """Try these faults, print what survived and how many were killed."""
    began, reasons, count = time.monotonic(), _known(), Count()
    unknown = [fault for fault in faults if fault.mutation.name not in reasons.get(fault.file, {})]
    count.known = len(faults) - len(unknown)
    for fault, result in _results(unknown, folder, arguments.jobs):
        count.killed += result.killed
        count.by_time += result.by_time
        count.survived += not result.killed
        if arguments.verbose or not result.killed:
            print(f"  {fault.name}\n    {result.words}", flush=True)
    print(f"{what}: {count}; {time.monotonic() - began:.0f} s", flush=True)
    return count


def _recorded(room: Room, folder: Path) -> list[runs.Test]:
    """The tests of a room with what each executes. Raises SystemExit where one fails without any fault."""
    record = folder / "record.json"
    run = runs.start(room.tests, runs.Recorder(room.files(), record), folder / "recording", RECORDING_SECONDS)
    while not run.over():
        time.sleep(0.1)
    if run.code != PASSED:
        sys.exit(f"The tests fail without a fault:\n{run.output.read_text(encoding='utf-8')}")
    return sorted(runs.read_record(record), key=lambda test: test.seconds)


def _faults(files: Sequence[str], tests: Sequence[runs.Test]) -> list[Fault]:
    faults: list[Fault] = []
    for file in files:
        touching = tuple(test for test in tests if file in test.lines) or tuple(tests)
        for mutation in mutations(Path(file).read_text(encoding="utf-8")):
            lines = frozenset(mutation.lines)
            executing = tuple(test for test in touching if lines & test.lines.get(file, frozenset()))
            faults.append(Fault(file, mutation, touching if mutation.at_import else executing))
    return faults


def _sample(faults: Sequence[Fault], seed: int, most: int) -> list[Fault]:
    """The faults with the smallest hashes: a change elsewhere leaves them in the sample."""

    def digest(fault: Fault) -> str:
        return hashlib.sha256(f"{seed} {fault.file} {fault.mutation.name}".encode()).hexdigest()

    chosen = sorted(faults, key=digest)[:most]
    return sorted(chosen, key=lambda fault: (fault.file, fault.mutation.number))


def _known() -> Mapping[str, Mapping[str, str]]:
    """Why a mutation survives, by file and by name of the mutation."""
    return tomllib.loads(KNOWN.read_text(encoding="utf-8"))


@dataclass(frozen=True)
class Result:
    """How a run with a fault ended."""

    killed: bool
    by_time: bool
    words: str


def _results(faults: Sequence[Fault], folder: Path, jobs: int) -> Iterator[tuple[Fault, Result]]:
    """Run the tests on each fault, some at once, and return each when it is over."""
    waiting, running = list(enumerate(faults)), dict[int, tuple[Fault, runs.Run]]()
    while waiting or running:
        while waiting and len(running) < jobs:
            number, fault = waiting.pop(0)
            if fault.tests:
                running[number] = fault, _start(fault, folder / str(number))
            else:
                yield fault, Result(killed=False, by_time=False, words="no test executes it")
        for number, (fault, run) in list(running.items()):
            if run.over():
                del running[number]
                yield fault, _result(fault, run)
                shutil.rmtree(folder / str(number), ignore_errors=True)
        time.sleep(0.02)


def _start(fault: Fault, folder: Path) -> runs.Run:
    names = [test.name for test in fault.tests]
    files = list(dict.fromkeys(name.partition("::")[0] for name in names))
    seconds = max(LEAST_SECONDS, SLOWER * sum(test.seconds for test in fault.tests))
    return runs.start(files, runs.Chosen(names), folder, seconds, (fault.file, fault.mutation.tree()))


def _result(fault: Fault, run: runs.Run) -> Result:
    if run.code is None:
        return Result(killed=True, by_time=True, words="takes too long")
    if run.code == PASSED:
        return Result(killed=False, by_time=False, words=f"passes {len(fault.tests)} tests")
    lines = run.output.read_text(encoding="utf-8", errors="replace").splitlines()
    failed = [line for line in lines if line.startswith(("FAILED", "ERROR"))]
    return Result(killed=True, by_time=False, words=failed[0] if failed else f"pytest returns {run.code}")


if __name__ == "__main__":
    sys.exit(main())
