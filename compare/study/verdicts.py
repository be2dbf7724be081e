"""What is run for the pages: a parity check and a picture of each concept, the first
steps of each lesson."""

import re
from collections.abc import Callable
from pathlib import Path

import matplotlib
import numpy as np

from twofold import scratch, torch_ref

from .. import lessons
from ..concepts.cases import CASES
from ..concepts.catalogue import Concept, concepts
from ..concepts.checking import check_concept
from ..report.report import Report
from ..training.lesson import Lesson, LessonSide
from ..training.preparation import prepare
from .facts import Facts
from .kept import KEPT, Task, closure, fingerprint, results
from .pictures.drawing import Picture
from .pictures.painters import LESSONS_DRAW, PAINTERS, loss_curves, picture
from .sources import ROOT
from .uses import lesson_names, lesson_path, lessons_using, used_by

HERE = Path(__file__).parent
DRAWS = 2  # of each case: a page shows what `twofold check` proves with many
STEPS = 60  # of each of a lesson's trainings
VARIANTS = 8


def check_tasks(chosen: list[Concept], draws: int = DRAWS) -> list[Task]:
    """The longest first, so that no core waits for one at the end."""
    chosen = sorted(
        (c for c in chosen if c.name in CASES), key=lambda c: -len(CASES[c.name])
    )
    return [
        Task(c.name, _key(c, f"{draws} draws"), check, (c.name, draws)) for c in chosen
    ]


def check(name: str, draws: int) -> dict:
    """A report as JSON. A concept that fails to run is wrong, and its page says so."""
    try:
        return check_concept(concepts()[name], draws=draws).to_json()
    except Exception as error:
        said = str(error).partition("\n")[0]
        cause = f"it does not run: {type(error).__name__}: {said}"
        report = Report(name, [], draws=0, cause=cause).to_json()
        return report | {"verdict": "mismatch"}


def _key(concept: Concept, *words: str) -> str:
    name = concept.name.rpartition(".")[2]
    word = re.compile(rf"\b{re.escape(name)}\b")
    cases = [
        path.relative_to(ROOT).as_posix()
        for path in ROOT.glob("compare/concepts/cases/*.py")
        if word.search(path.read_text(encoding="utf-8"))
    ]
    checking = closure("compare.concepts.checking")
    return fingerprint([*_files(concept), *checking, *cases], *words)


def _files(concept: Concept) -> set[str]:
    homes = [
        concept.scratch.__module__,
        concept.torch.__module__,
        f"torch_ref.{concept.family}",
    ]
    return {f for home in homes for f in closure(home)}


def picture_tasks(chosen: list[Concept]) -> list[Task]:
    """Beside the concept, a picture depends on what paints it."""
    files = HERE.glob("pictures/*.py")
    painters = [path.relative_to(ROOT).as_posix() for path in files]
    return [
        Task(
            f"picture {c.name}",
            fingerprint({*_files(c), *painters}, matplotlib.__version__),
            paint,
            (c.name,),
        )
        for c in chosen
        if c.family in PAINTERS
    ]


def paint(name: str) -> list[str] | None:
    found = picture(concepts()[name])
    return found and [found.svg, found.caption]


def race_tasks(names: list[str]) -> list[Task]:
    """The first losses of the lessons that train, as a picture."""
    known, tasks = concepts(), []
    for name in names:
        if isinstance(lessons.load(name), Lesson):
            used = {f for concept in used_by(name) for f in _files(known[concept])}
            own = {lesson_path(name), "compare/training/lesson.py"}
            files = own | used | set(closure("compare.study.pictures.painters"))
            key = fingerprint(files, f"{STEPS} steps")
            tasks.append(Task(f"picture lessons.{name}", key, race, (name,)))
    return tasks


def race(name: str) -> list[str] | None:
    found = loss_curves(lessons.load(name).title, losses(name))
    return found and [found.svg, found.caption]


def losses(name: str) -> dict:
    """The first losses of both sides in float32, by variant.

    What cannot be run is left out: a variant that needs another one's end, a lesson
    whose data need a package that is not there. The page does without.
    """
    lesson = lessons.load(name)
    found = {}
    for variant in lesson.variants[:VARIANTS]:
        settings = lesson.settings(variant, {})
        try:
            data = lesson.load_data(variant.options)
            arrays, _ = prepare(lesson, data, np.dtype(np.float32))
            found[variant.name] = [
                _walk(lesson, variant, settings, tree, arrays)
                for tree in (scratch, torch_ref)
            ]
        except Exception:  # the lesson itself says what is missing
            continue
    return found


def _walk(lesson, variant, settings, tree, arrays) -> list[float]:
    side = LessonSide(tree, arrays, settings, np.dtype(np.float32))
    experiment = lesson.make(side, variant, {})
    found = []
    for _, step in zip(range(STEPS), experiment.loop, strict=False):
        found.append(float(step.loss))
        if not np.isfinite(found[-1]):
            break
    return [x for x in found if np.isfinite(x)]


def gather(
    checked: bool = True,
    draws: int = DRAWS,
    jobs: int = -1,
    progress: Callable[[str, int], None] = lambda name, total: None,
    kept: Path | None = KEPT,
) -> Facts:
    """All that pages show beside the code; without checks, the pictures alone."""
    chosen = list(concepts().values())
    checks = check_tasks(chosen, draws) if checked else []
    races = race_tasks(lesson_names()) if checked else []
    pictures = [*races, *picture_tasks(chosen)]
    found = results([*checks, *pictures], kept, jobs, progress)
    drawn = {
        task.name.removeprefix("picture "): Picture(*found[task.name])
        for task in pictures
        if found[task.name]
    }
    return Facts(
        reports={task.name: found[task.name] for task in checks},
        pictures=drawn | curves_of_lessons(chosen, drawn),
    )


def curves_of_lessons(chosen: list[Concept], drawn: dict) -> dict[str, Picture]:
    """For what has no picture of its own: the curves of the first lesson with it."""
    found = {}
    for concept in chosen:
        if concept.family in LESSONS_DRAW:
            curves = (drawn.get(f"lessons.{n}") for n in lessons_using(concept.name))
            first = next(filter(None, curves), None)
            if first is not None:
                found[concept.name] = first
    return found
