"""Lines of use that no case gives: of holders, stacks of layers, and helpers.

Each is what `Usage` wants: construct, forward, backward. They run one after the other.
"""

_CLIPPED = """\
model = torch.nn.Linear(4, 3)
model(torch.randn(2, 4)).sum().backward()"""
_LAYER = "torch.nn.Transformer{}Layer(\n    d_model=16, nhead=2, batch_first=True\n)"
_AVERAGED = """\
model = torch.nn.Linear(4, 3)
average = torch.optim.swa_utils.AveragedModel({})
for step in range(3):
    ...                     # train the model
    average.update_parameters(model)
average.module.weight"""


def _averaged(option: str, name: str, arguments: str = "") -> tuple[str, str, str]:
    made = f"{option}=torch.optim.swa_utils.{name}({arguments})"
    return "", _AVERAGED.format(f"\n    model,\n    {made},\n"), ""


_LOOSE = """\
a = torch.randn(4, 6, requires_grad=True)   # 4 steps of 6
b = torch.randn(2, 6, requires_grad=True)   # 2 steps"""
_RNN = "torch.nn.utils.rnn"
_PADDED = f"{_LOOSE}\nx = {_RNN}.pad_sequence([a, b])    # (4, 2, 6)"
_PACKED = f"{_LOOSE}\npacked = {_RNN}.pack_sequence([a, b])"
_PACK_BACK = "packed.data.sum().backward()\na.grad\nb.grad"
_LIST_BACK = "sum(s.sum() for s in sequences).backward()\na.grad\nb.grad"


def _unpooled(n: int) -> tuple[str, str, str]:
    shape = ", ".join(["8"] * n)
    return (
        f"pool = torch.nn.MaxPool{n}d(2, return_indices=True)\n"
        f"layer = torch.nn.MaxUnpool{n}d(2)",
        f"x = torch.randn(2, 3, {shape}, requires_grad=True)\n"
        "largest, indices = pool(x)\n"
        "y = layer(largest, indices)",
        "y.backward(torch.randn_like(y))\nx.grad",
    )


WRITTEN = {
    "nn.CTCLoss": (
        "layer = torch.nn.CTCLoss()",
        "z = torch.randn(12, 3, 5, requires_grad=True)\n"
        "log_probs = z.log_softmax(2)    # 12 steps, 3 samples\n"
        "targets = torch.randint(1, 5, (3, 4))\n"
        "y = layer(log_probs, targets, (12, 12, 10), (4, 3, 2))",
        "y.backward()\nz.grad",
    ),
    "nn.MaxUnpool1d": _unpooled(1),
    "nn.MaxUnpool2d": _unpooled(2),
    "nn.MaxUnpool3d": _unpooled(3),
    "nn.Sequential": (
        "layer = torch.nn.Sequential(\n"
        "    torch.nn.Linear(4, 5),\n"
        "    torch.nn.Tanh(),\n"
        "    torch.nn.Linear(5, 2),\n"
        ")",
        "x = torch.randn(2, 4, requires_grad=True)\ny = layer(x)",
        "y.backward(torch.randn_like(y))\nx.grad\nlayer[0].weight.grad",
    ),
    "nn.TripletMarginWithDistanceLoss": (
        "layer = torch.nn.TripletMarginWithDistanceLoss(\n"
        "    distance_function=torch.nn.PairwiseDistance(p=1)\n"
        ")",
        "anchor = torch.randn(8, 3, requires_grad=True)\n"
        "positive = torch.randn(8, 3, requires_grad=True)\n"
        "negative = torch.randn(8, 3, requires_grad=True)\n"
        "y = layer(anchor, positive, negative)",
        "y.backward()\nanchor.grad\npositive.grad\nnegative.grad",
    ),
    "nn.utils.rnn.invert_permutation": (
        "",
        "p = torch.tensor([2, 0, 3, 1])\n"
        f"q = {_RNN}.invert_permutation(p)\n"
        "p[q]                        # 0, 1, 2, 3",
        "",
    ),
    "nn.utils.rnn.pack_padded_sequence": (
        "",
        f"{_PADDED}\npacked = {_RNN}.pack_padded_sequence(x, [4, 2])",
        _PACK_BACK,
    ),
    "nn.utils.rnn.pack_sequence": ("", _PACKED, _PACK_BACK),
    "nn.utils.rnn.pad_packed_sequence": (
        "",
        f"{_PACKED}\ny, lengths = {_RNN}.pad_packed_sequence(packed)",
        "y.backward(torch.randn_like(y))\na.grad\nb.grad",
    ),
    "nn.utils.rnn.pad_sequence": (
        "",
        _PADDED,
        "x.backward(torch.randn_like(x))\na.grad\nb.grad",
    ),
    "nn.utils.rnn.unpack_sequence": (
        "",
        f"{_PACKED}\nsequences = {_RNN}.unpack_sequence(packed)",
        _LIST_BACK,
    ),
    "nn.utils.rnn.unpad_sequence": (
        "",
        f"{_PADDED}\n"
        f"sequences = {_RNN}.unpad_sequence(\n    x, torch.tensor([4, 2])\n)",
        _LIST_BACK,
    ),
    "nn.init.constant_": (
        "",
        "layer = torch.nn.Linear(256, 128)\ntorch.nn.init.constant_(layer.bias, 0.1)",
        "",
    ),
    "nn.init.dirac_": (
        "",
        "layer = torch.nn.Conv2d(8, 8, kernel_size=3)\n"
        "torch.nn.init.dirac_(layer.weight)",
        "",
    ),
    "nn.init.sparse_": (
        "",
        "layer = torch.nn.Linear(256, 128)\n"
        "torch.nn.init.sparse_(layer.weight, sparsity=0.9)",
        "",
    ),
    "nn.ModuleList": (
        "layers = torch.nn.ModuleList(\n    torch.nn.Linear(4, 4) for _ in range(3)\n)",
        "x = torch.randn(2, 4, requires_grad=True)\n"
        "y = x\n"
        "for layer in layers:\n"
        "    y = layer(y).tanh()",
        "y.backward(torch.randn_like(y))\nx.grad\nlayers[0].weight.grad",
    ),
    "nn.ModuleDict": (
        "layers = torch.nn.ModuleDict({\n"
        '    "map": torch.nn.Linear(4, 4),\n'
        '    "bend": torch.nn.Tanh(),\n'
        "})",
        "x = torch.randn(2, 4, requires_grad=True)\n"
        'y = layers["bend"](layers["map"](x))',
        'y.backward(torch.randn_like(y))\nx.grad\nlayers["map"].weight.grad',
    ),
    "nn.ParameterList": (
        "weights = torch.nn.ParameterList(\n    torch.randn(4, 4) for _ in range(3)\n)",
        "x = torch.randn(2, 4, requires_grad=True)\n"
        "y = x\n"
        "for W in weights:\n"
        "    y = (y @ W.T).tanh()",
        "y.backward(torch.randn_like(y))\nx.grad\nweights[0].grad",
    ),
    "nn.ParameterDict": (
        "weights = torch.nn.ParameterDict({\n"
        '    "W": torch.randn(3, 4),\n'
        '    "b": torch.zeros(3),\n'
        "})",
        "x = torch.randn(2, 4, requires_grad=True)\n"
        'y = x @ weights["W"].T + weights["b"]',
        'y.backward(torch.randn_like(y))\nx.grad\nweights["W"].grad',
    ),
    "nn.TransformerEncoder": (
        f"layer = {_LAYER.format('Encoder')}\n"
        "encoder = torch.nn.TransformerEncoder(layer, num_layers=3)",
        "src = torch.randn(2, 5, 16, requires_grad=True)\ny = encoder(src)",
        "y.backward(torch.randn_like(y))\nsrc.grad",
    ),
    "nn.TransformerDecoder": (
        f"layer = {_LAYER.format('Decoder')}\n"
        "decoder = torch.nn.TransformerDecoder(layer, num_layers=3)",
        "tgt = torch.randn(2, 5, 16, requires_grad=True)\n"
        "memory = torch.randn(2, 7, 16, requires_grad=True)\n"
        "y = decoder(tgt, memory)",
        "y.backward(torch.randn_like(y))\ntgt.grad\nmemory.grad",
    ),
    "nn.init.calculate_gain": (
        "",
        'gain = torch.nn.init.calculate_gain("relu")\n'
        "layer = torch.nn.Linear(256, 128)\n"
        "torch.nn.init.xavier_uniform_(layer.weight, gain)",
        "",
    ),
    "nn.utils.clip_grad_norm_": (
        "",
        f"{_CLIPPED}\n"
        "norm = torch.nn.utils.clip_grad_norm_(\n"
        "    model.parameters(), max_norm=1.0\n"
        ")                           # the norm before",
        "",
    ),
    "nn.utils.clip_grad_value_": (
        "",
        f"{_CLIPPED}\n"
        "torch.nn.utils.clip_grad_value_(\n"
        "    model.parameters(), clip_value=0.5\n"
        ")",
        "",
    ),
    "nn.utils.clip_grads_with_norm_": (
        "",
        f"{_CLIPPED}\n"
        "norm = torch.nn.utils.get_total_norm(\n"
        "    [p.grad for p in model.parameters()]\n"
        ")\n"
        "torch.nn.utils.clip_grads_with_norm_(\n"
        "    model.parameters(), max_norm=1.0, total_norm=norm\n"
        ")",
        "",
    ),
    "nn.utils.get_total_norm": (
        "",
        f"{_CLIPPED}\n"
        "norm = torch.nn.utils.get_total_norm(\n"
        "    [p.grad for p in model.parameters()]\n"
        ")",
        "",
    ),
    "optim.swa_utils.AveragedModel": ("", _AVERAGED.format("model"), ""),
    "optim.swa_utils.SWALR": (
        "model = torch.nn.Linear(4, 3)\n"
        "optimizer = torch.optim.SGD(model.parameters(), lr=0.1)\n"
        "scheduler = torch.optim.swa_utils.SWALR(\n"
        "    optimizer, swa_lr=0.05\n"
        ")",
        "for epoch in range(3):\n"
        "    optimizer.step()        # train one epoch\n"
        "    scheduler.step()        # sets lr of every group\n"
        "scheduler.get_last_lr()",
        "",
    ),
    "optim.swa_utils.get_ema_avg_fn": _averaged("avg_fn", "get_ema_avg_fn", "0.99"),
    "optim.swa_utils.get_ema_multi_avg_fn": _averaged(
        "multi_avg_fn", "get_ema_multi_avg_fn", "0.99"
    ),
    "optim.swa_utils.get_swa_avg_fn": _averaged("avg_fn", "get_swa_avg_fn"),
    "optim.swa_utils.get_swa_multi_avg_fn": _averaged(
        "multi_avg_fn", "get_swa_multi_avg_fn"
    ),
}
