"""What one `twofold run` goes through: lessons, precisions and variants in turn."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from .. import lessons
from ..training.board import Board
from ..training.checkpoint import Keeper
from ..training.demonstration import demonstrate
from ..training.envelope import CHECKPOINTS, MOVED_RUNS
from ..training.lesson import Demonstration, Lesson, Settings, Variant
from ..training.outline import Outline
from ..training.runs import LessonRun, name_of


@dataclass(frozen=True)
class Trial:
    """One training, or one demonstration, in one precision."""

    lesson: Lesson | Demonstration
    settings: Settings
    variant: Variant

    @property
    def name(self) -> str:
        return name_of(self.lesson, self.settings, self.variant)


@dataclass(frozen=True)
class Plan:
    """What a user asked for; `options` are those of `--set`."""

    names: list[str]
    dtypes: list[str]
    settings: dict
    options: dict

    def trials(self) -> list[Trial]:
        """Raises MissingPackage or BadTable before anything is trained."""
        found = []
        for name in self.names:
            lesson = lessons.load(name)
            if isinstance(lesson, Lesson):
                lesson.load_data(self.options_of(lesson))
            for dtype in self.dtypes:
                chosen = {**self.settings, "dtype": dtype}
                if isinstance(lesson, Demonstration):
                    settings = Settings(seed=chosen["seed"], dtype=dtype)
                    found.append(Trial(lesson, settings, Variant()))
                    continue
                found += [
                    Trial(lesson, lesson.settings(variant, chosen), variant)
                    for variant in lesson.variants
                ]
        return found

    def options_of(self, lesson) -> dict:
        """Those of the options that the lesson has."""
        known = getattr(lesson, "options", {})
        return {name: value for name, value in self.options.items() if name in known}


class Programme:
    """Runs the trials of a plan and keeps what is needed to go on later.

    `outlines` holds what has ended, in order, the first `restored` of it before this
    process began.
    """

    def __init__(self, plan: Plan, board: Board, resumed: bool = False):
        self.plan = plan
        self.board = board
        self.keeper = Keeper(board.path)
        self.outlines: list[Outline] = self.keeper.outlines() if resumed else []
        self.restored = len(self.outlines)

    def run(self, progress: Callable) -> Iterator[Outline]:
        """One outline after the other. `progress(trial, total)` opens a bar and returns
        the function that advances it.
        """
        ended = {outline.report.name for outline in self.outlines}
        for trial in self.plan.trials():
            if trial.name in ended:
                continue
            outline = self._run(trial, progress)
            self.outlines.append(outline)
            if not outline.interrupted:
                self.keeper.write_outlines(self.outlines)
                self.keeper.forget()
            yield outline
            if outline.interrupted:
                return

    def _run(self, trial: Trial, progress: Callable) -> Outline:
        lesson, settings = trial.lesson, trial.settings
        if isinstance(lesson, Demonstration):
            progress(trial, 1)
            return demonstrate(lesson, settings, self.board)
        run = LessonRun(
            lesson,
            settings,
            self.board,
            variant=trial.variant,
            options=self.plan.options_of(lesson),
            earlier=self._earlier(trial),
            keeper=self.keeper,
        )
        advance = None

        def count(phase: str) -> None:
            nonlocal advance
            if advance is None:  # only now it is known how many steps there will be
                steps = run.sides["scratch"].steps
                last = max((n for n in CHECKPOINTS if n <= steps), default=0)
                advance = progress(trial, steps + (MOVED_RUNS + 1) * last)
            advance()

        run.progress = count
        return run.run()

    def _earlier(self, trial: Trial) -> dict:
        """The reference's weights of the variants of this lesson before this one."""
        found = {}
        for variant in trial.lesson.variants:
            if variant is trial.variant:
                break
            name = name_of(trial.lesson, trial.settings, variant)
            found[variant.name] = self.keeper.weights(name, "torch_ref")
        return found


def by_race(outlines: list[Outline]) -> list[list[Outline]]:
    """The outlines, those that raced each other together."""
    groups: dict[tuple, list[Outline]] = {}
    for outline in outlines:
        key = outline.lesson, outline.settings.dtype
        groups.setdefault(key, []).append(outline)
    return list(groups.values())
