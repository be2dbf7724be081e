"""What is known of a difference, once it was explained."""

from dataclasses import dataclass, field


@dataclass
class Explanation:
    """What is known of a difference: `place` in a composite, `cause`, and more in
    words; `traces` are both sides' in the working precision.
    """

    cause: str | None = None
    place: str | None = None
    notes: list[str] = field(default_factory=list)
    traces: tuple = ()
