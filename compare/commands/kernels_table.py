"""The kernels of `twofold selftest`: cheats that are caught, honest ones that match."""


def judge_kernels(seed: int, jobs: int, backend: str, advance) -> list:
    """What the judge says of every kernel of the corpus, in order."""
    from ..concepts.kernels.corpus import kernels, try_kernel
    from ..concepts.sweep import sweep

    names = list(kernels())
    found = {}
    tasks = [(name, seed) for name in names]
    for number, judged in sweep(try_kernel, tasks, jobs=jobs, backend=backend):
        found[number] = judged
        advance()
    return [found[number] for number in range(len(names))]


def print_kernels(console, judged: list) -> bool:
    """A line for each cheat and for each wrong verdict; whether all is right."""
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("kernel", overflow="fold")
    table.add_column("caught", no_wrap=True)
    table.add_column("why", overflow="fold", style="dim")
    for o in judged:
        if o.kind == "cheat" or not o.right:
            mark = "yes" if o.right and o.reasoned else "NO" if not o.right else "why?"
            name = o.name if o.kind == "cheat" else f"{o.kind}: {o.name} {o.dtype}"
            table.add_row(name.replace("_", " "), mark, o.said[:160])
    console.print(table)
    words = []
    for kind, what in (
        ("cheat", "cheats caught"),
        ("honest", "honest kernels match"),
        ("problem", "problems match themselves"),
        ("triton", "kernels in Triton match"),
    ):
        these = [o for o in judged if o.kind == kind]
        if these:
            words.append(f"{sum(o.right for o in these)} of {len(these)} {what}")
    console.print(", ".join(words))
    return all(o.right and o.reasoned for o in judged)
