"""The chapters of the index, and which page is in which."""

from ..concepts.catalogue import Concept

LESSONS = "Lessons"
BY_FAMILY = {
    "models": "Networks",
    "training": "Training loops",
    "nn.functional": "Functions",
    "nn.init": "Initialisation",
    "nn.utils": "Gradient clipping",
    "nn.utils.rnn": "Padded and packed sequences",
    "optim": "Optimisers",
    "optim.lr_scheduler": "Learning rate schedules",
    "optim.swa_utils": "Averaged weights",
}
BY_FILE = {
    "activation": "Activations",
    "rectifier": "Activations",
    "smooth": "Activations",
    "gate": "Activations",
    "shrink": "Activations",
    "linear": "Linear maps and shapes",
    "flatten": "Linear maps and shapes",
    "distance": "Linear maps and shapes",
    "container": "Containers",
    "parameter_container": "Containers",
    "adaptive": "Losses",
    "linear_cross_entropy": "Losses",
    "conv": "Convolution",
    "conv_transpose": "Convolution",
    "fold": "Convolution",
    "pooling": "Pooling",
    "adaptive_pooling": "Pooling",
    "fractional_pooling": "Pooling",
    "lp_pooling": "Pooling",
    "unpooling": "Pooling",
    "padding": "Padding and resampling",
    "upsampling": "Padding and resampling",
    "pixelshuffle": "Padding and resampling",
    "channelshuffle": "Padding and resampling",
    "batchnorm": "Normalisation and dropout",
    "instancenorm": "Normalisation and dropout",
    "normalization": "Normalisation and dropout",
    "dropout": "Normalisation and dropout",
    "rnn": "Sequences and attention",
    "sparse": "Sequences and attention",
    "attention": "Sequences and attention",
    "transformer": "Sequences and attention",
    "transformer_decoder": "Sequences and attention",
}
ORDER = (
    LESSONS,
    "Networks",
    "Training loops",
    "Linear maps and shapes",
    "Activations",
    "Losses",
    "Convolution",
    "Pooling",
    "Padding and resampling",
    "Normalisation and dropout",
    "Sequences and attention",
    "Padded and packed sequences",
    "Containers",
    "Functions",
    "Initialisation",
    "Optimisers",
    "Learning rate schedules",
    "Gradient clipping",
    "Averaged weights",
)


def chapter_of(concept: Concept) -> str:
    """Of a layer by the file that it is in; a family not known here is one itself."""
    if concept.family != "nn":
        return BY_FAMILY.get(concept.family, concept.family)
    file = concept.scratch.__module__.rpartition(".")[2]
    if file.endswith("loss"):
        return "Losses"
    if file in BY_FILE:
        return BY_FILE[file]
    near = [chapter for word, chapter in BY_FILE.items() if word in file]
    return near[0] if near else "Other layers"


def in_order(chapters: list[str]) -> list[str]:
    others = sorted(set(chapters) - set(ORDER))
    return [c for c in ORDER if c in chapters] + others
