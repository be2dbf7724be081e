"""Where pages are: in the site, and when `twofold study --serve` serves them."""

PORT = 6007


def page_of(name: str) -> str:
    """The file of a page in the site: "nn.Linear" is at nn/Linear.html."""
    folder, _, last = name.rpartition(".")
    return f"{folder}/{last}.html"


def source_page(path: str) -> str:
    """The file in the site that shows a whole source file."""
    return f"source/{path}.html"


def served(name: str, port: int = PORT) -> str:
    return f"http://127.0.0.1:{port}/{page_of(name)}"
