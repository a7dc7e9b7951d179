"""The loop: every contestant on every instance, one at a time, each in its own process, written down at once."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from benchmarks.contestants import contestant, peers
from benchmarks.grids import Part
from benchmarks.instances import Instance, Wish, family
from benchmarks.jobs import Job, Run
from benchmarks.machine import load
from benchmarks.results import Book
from benchmarks.watching import Watched, watch

GRACE = 60.0
"""Seconds that a process has beyond its limit, for what comes before and after solving ..."""
GRACE_PER_LEARNER = 0.004
"""... and for each learner."""

Tell = Callable[[str, int, int], None]
"""Told what is at work, how many runs are done, and how many there are."""


@dataclass(frozen=True)
class Plan:
    """What is to be done. ``folder`` is where the files of ``gap`` are, ``grace`` replaces the usual one."""

    parts: tuple[Part, ...]
    seeds: tuple[int, ...] = (0,)
    repetitions: int = 1
    workers: int = 2
    limit: float | None = None
    folder: Path | None = None
    grace: float | None = None

    def jobs(self) -> Iterator[tuple[Instance, list[Job]]]:
        """Each instance once, with all runs on it; ``gap`` only where its folder is named."""
        wanted: dict[str, tuple[Instance, dict[tuple[str, int], Job]]] = {}
        for part in self.parts:
            for name in part.families:
                if name != "gap" or self.folder is not None:
                    for instance in family(name).instances(Wish(part.sizes, self.seeds, self.folder)):
                        _, jobs = wanted.setdefault(instance.name, (instance, {}))
                        for job in self.on(instance, part):
                            jobs.setdefault((job.contestant, job.repetition), job)
        for instance, jobs in wanted.values():
            yield instance, list(jobs.values())

    def on(self, instance: Instance, part: Part) -> Iterator[Job]:
        """The runs of a part on an instance."""
        for who in part.contestants:
            for repetition in range(self.repetitions):
                yield Job(
                    family=instance.family,
                    instance=instance.name,
                    size=instance.size,
                    instance_seed=instance.seed,
                    contestant=who,
                    limit=part.limit if self.limit is None else self.limit,
                    workers=self.workers,
                    repetition=repetition,
                    gap=part.gap,
                    gap_folder=None if self.folder is None else str(self.folder.resolve()),
                )

    def allowance(self, job: Job) -> float:
        """Seconds after which a run is killed."""
        grace = GRACE + GRACE_PER_LEARNER * job.size if self.grace is None else self.grace
        return job.limit + grace


def carry_out(plan: Plan, book: Book, path: Path, tell: Tell) -> None:
    """Do it, and write the book after every run."""
    course = list(plan.jobs())
    total, done = sum(len(jobs) for _, jobs in course), 0
    for name in dict.fromkeys(job.contestant for _, jobs in course for job in jobs):
        book.contestants[name] = described(name)
    for instance, jobs in course:
        book.enter(instance, family(instance.family).about)
        with tempfile.TemporaryDirectory(prefix="matcher-bench-") as folder:
            tell(f"{instance.name}: making it", done, total)
            where, why = prepare(jobs[0], Path(folder), plan)
            for job in jobs:
                tell(f"{instance.name}: {job.contestant}", done, total)
                ready, seconds = replace(job, round_folder=where), plan.allowance(job)
                book.runs.append(failed(job, why) if why else run_job(ready, Path(folder), seconds))
                book.write(path)
                done += 1
    tell("done", done, total)


def described(name: str) -> dict[str, object]:
    """A contestant in words."""
    who = contestant(name)
    about = peers()[name].about if who.peer else "a method of this project"
    return {"peer": who.peer, "about": about, "blind": list(who.blind)}


def prepare(job: Job, folder: Path, plan: Plan) -> tuple[str | None, str | None]:
    """Make the instance's files, in a process of its own so that this one stays small: where they are (None: bare
    numbers), and why they could not be made.
    """
    watched, answer = in_child("prepare", job, folder, plan.allowance(job))
    if answer is None:
        return None, f"the instance could not be made: {watched.last_words}"
    return (str(folder / "round") if answer else None), None


def run_job(job: Job, folder: Path, seconds: float) -> Run:
    """One run with what it cost."""
    before = load()
    watched, answer = in_child("run", job, folder, seconds)
    run = Run(**answer) if isinstance(answer, dict) else failed(job, watched.last_words)
    if watched.code is None and answer is None:
        run.status, run.note = "killed", f"no answer after {seconds:.0f} s"
    run.cpu, run.load = round(watched.cpu, 3), before
    run.peak_mb = round(watched.peak_mb, 1) or None
    return run


def failed(job: Job, why: str) -> Run:
    """A run that gave no answer."""
    who = contestant(job.contestant)
    about = job.family, job.instance, job.size, job.contestant, who.peer, job.repetition, job.limit
    return Run(*about, job.workers, "crashed", why)


def in_child(task: str, job: Job, folder: Path, seconds: float) -> tuple[Watched, object]:
    """A task of ``benchmarks.child`` in its process, and what it wrote (None: nothing)."""
    files: Sequence[Path] = [folder / f"{task}.{end}" for end in ("job.json", "json", "log")]
    files[1].unlink(missing_ok=True)
    files[0].write_text(json.dumps(asdict(job)), encoding="utf-8")
    watched = watch("benchmarks.child", [task, str(files[0]), str(files[1])], seconds, files[2])
    answer = json.loads(files[1].read_text(encoding="utf-8")) if files[1].exists() else None
    return watched, answer
