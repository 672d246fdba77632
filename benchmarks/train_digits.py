"""Train the network that reads handwritten digits in boxes, and write lti_tool/scans/readers/digits.onnx.

    git clone https://github.com/rasbt/mnist-pngs
    pip install jax onnx numpy pillow scipy
    python -m benchmarks.train_digits mnist-pngs lti_tool/scans/readers/digits.onnx

MNIST (Y. LeCun, C. Cortes and C. J. C. Burges; CC BY-SA 3.0), 60,000 digits to train with and 10,000 to test. Every
digit is bent, thinned, blurred and soiled anew in each epoch. The last 5,000 of the training digits set the
temperature: the logits that are exported are the calibrated ones. About ten minutes of one core.
"""

import argparse
import hashlib
import time
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from PIL import Image

Weights = dict[str, Any]
SHAPES = {
    "conv1": (16, 1, 5, 5),
    "conv2": (32, 16, 3, 3),
    "conv3": (64, 32, 3, 3),
    "dense1": (64 * 9, 48),
    "dense2": (48, 10),
}
STRIDES = {"conv1": 2, "conv2": 1, "conv3": 1}
POOLED = ("conv2", "conv3")
BATCH, SEED, KEPT_BACK = 200, 7, 5_000


def digits_in(folder: Path) -> tuple[np.ndarray, np.ndarray]:
    """The pictures below a folder with one folder for each digit, in the order of their names."""
    pictures, labels = [], []
    for digit in range(10):
        for path in sorted((folder / str(digit)).glob("*.png")):
            pictures.append(np.asarray(Image.open(path).convert("L")))
            labels.append(digit)
    return np.stack(pictures), np.array(labels)


def bent(pictures: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The digits turned, slanted, scaled, moved, thinned or thickened, blurred, with noise and a piece of a line."""
    count = len(pictures)
    turn, slant = rng.normal(0, 0.12, count), rng.normal(0, 0.15, count)
    tall, wide = np.exp(rng.normal(0, 0.10, count)), np.exp(rng.normal(0, 0.14, count))
    across, down = rng.normal(0, 0.9, (2, count))
    rows, columns = np.meshgrid(np.arange(28) - 13.5, np.arange(28) - 13.5, indexing="ij")
    x, y = columns[None] * wide[:, None, None], rows[None] * tall[:, None, None]
    x = x + slant[:, None, None] * y
    cos, sin = np.cos(turn)[:, None, None], np.sin(turn)[:, None, None]
    found = sampled(
        pictures, sin * x + cos * y + 13.5 + down[:, None, None], cos * x - sin * y + 13.5 + across[:, None, None]
    )
    found = found ** np.exp(rng.normal(0, 0.5, count))[:, None, None]
    found = np.where((rng.random(count) < 0.4)[:, None, None], blurred(found), found)
    found = found + rng.normal(0, 1, found.shape) * (rng.random(count) * 0.08)[:, None, None]
    return np.clip(with_lines(found, rng), 0, 1).astype(np.float32)


def sampled(pictures: np.ndarray, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    top, left = np.floor(rows).astype(int), np.floor(columns).astype(int)
    below, right = rows - top, columns - left
    padded, index = np.pad(pictures, ((0, 0), (2, 2), (2, 2))), np.arange(len(pictures))[:, None, None]

    def at(row: np.ndarray, column: np.ndarray) -> np.ndarray:
        return padded[index, np.clip(row + 2, 0, 31), np.clip(column + 2, 0, 31)]

    upper = at(top, left) * (1 - right) + at(top, left + 1) * right
    lower = at(top + 1, left) * (1 - right) + at(top + 1, left + 1) * right
    return upper * (1 - below) + lower * below


def blurred(pictures: np.ndarray) -> np.ndarray:
    wide = np.pad(pictures, ((0, 0), (1, 1), (1, 1)))
    across = (wide[:, :, :-2] + 2 * wide[:, :, 1:-1] + wide[:, :, 2:]) / 4
    return (across[:, :-2] + 2 * across[:, 1:-1] + across[:, 2:]) / 4


def with_lines(pictures: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A remnant of the box at one edge of every sixth digit."""
    for index in np.flatnonzero(rng.random(len(pictures)) < 0.16):
        edge, first, last = rng.integers(0, 4), rng.integers(0, 3), rng.integers(8, 28)
        line = (slice(None, last), first) if edge % 2 else (first, slice(None, last))
        turned = pictures[index] if edge < 2 else pictures[index][::-1, ::-1]
        turned[line] = np.maximum(turned[line], rng.uniform(0.2, 0.9))
    return pictures


def first_weights(rng: np.random.Generator) -> Weights:
    weights = {}
    for name, shape in SHAPES.items():
        inputs = shape[0] if name.startswith("dense") else int(np.prod(shape[1:]))
        outputs = shape[1] if name.startswith("dense") else shape[0]
        weights[name] = jnp.asarray(rng.normal(0, np.sqrt(2 / inputs), shape), jnp.float32)
        weights[name + "_bias"] = jnp.zeros(outputs, jnp.float32)
    return weights


def logits(weights: Weights, pictures: jax.Array) -> jax.Array:
    flow = pictures[..., None]
    for name, stride in STRIDES.items():
        kernel = jnp.transpose(weights[name], (2, 3, 1, 0))
        edge = kernel.shape[0] // 2
        flow = jax.lax.conv_general_dilated(
            flow, kernel, (stride, stride), [(edge, edge)] * 2, dimension_numbers=("NHWC", "HWIO", "NHWC")
        )
        flow = jax.nn.relu(flow + weights[f"{name}_bias"])
        if name in POOLED:
            flow = pooled(flow)
    flow = jnp.transpose(flow, (0, 3, 1, 2)).reshape(len(flow), -1)
    flow = jax.nn.relu(flow @ weights["dense1"] + weights["dense1_bias"])
    return flow @ weights["dense2"] + weights["dense2_bias"]


def pooled(flow: jax.Array) -> jax.Array:
    count, height, width, channels = flow.shape
    even = flow[:, : height // 2 * 2, : width // 2 * 2]
    return even.reshape(count, height // 2, 2, width // 2, 2, channels).max(axis=(2, 4))


def surprise(weights: Weights, pictures: jax.Array, labels: jax.Array) -> jax.Array:
    said = jax.nn.log_softmax(logits(weights, pictures))
    return -said[jnp.arange(len(labels)), labels].mean()


@jax.jit
def step(
    state: tuple[Weights, Weights, Weights, Weights], pictures: jax.Array, labels: jax.Array, rate: float, at: float
):
    """One step of Adam; the fourth of the state is the running mean of the weights, which is what is kept."""
    weights, first, second, mean = state
    slope = jax.grad(surprise)(weights, pictures, labels)
    first = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, first, slope)
    second = jax.tree.map(lambda v, g: 0.999 * v + 0.001 * g * g, second, slope)
    weights = jax.tree.map(
        lambda w, m, v: w - rate * (m / (1 - 0.9**at)) / (jnp.sqrt(v / (1 - 0.999**at)) + 1e-8), weights, first, second
    )
    mean = jax.tree.map(lambda old, new: 0.998 * old + 0.002 * new, mean, weights)
    return weights, first, second, mean


def trained(pictures: np.ndarray, labels: np.ndarray, epochs: int) -> Weights:
    rng = np.random.default_rng(SEED)
    weights = first_weights(rng)
    nothing = jax.tree.map(jnp.zeros_like, weights)
    state, at = (weights, nothing, nothing, weights), 0
    steps = epochs * (len(labels) // BATCH)
    for epoch in range(epochs):
        order, began = rng.permutation(len(labels)), time.process_time()
        for start in range(0, len(order) - BATCH + 1, BATCH):
            chosen = order[start : start + BATCH]
            at += 1
            rate = 0.003 * min(1.0, at / 300) * (1 - at / (steps + 1))
            state = step(state, bent(pictures[chosen], rng), labels[chosen], rate, float(at))
        print(f"epoch {epoch + 1}: {time.process_time() - began:.0f} s CPU", flush=True)
    return state[3]


def all_logits(weights: Weights, pictures: np.ndarray) -> np.ndarray:
    answer = jax.jit(logits)
    parts = [np.asarray(answer(weights, part)) for part in np.array_split(pictures, max(1, len(pictures) // 1000))]
    return np.concatenate(parts)


def temperature_of(said: np.ndarray, labels: np.ndarray) -> float:
    """The divisor of the logits under which digits that were not trained on surprise least."""

    def loss(divisor: float) -> float:
        logs = np.asarray(jax.nn.log_softmax(said / divisor))
        return float(-logs[np.arange(len(labels)), labels].mean())

    return float(min(np.arange(0.5, 3.0, 0.05), key=loss))


def exported(weights: Weights, temperature: float, note: str) -> bytes:
    kept = {name: np.asarray(value, np.float32) for name, value in weights.items()}
    kept["dense2"], kept["dense2_bias"] = kept["dense2"] / temperature, kept["dense2_bias"] / temperature
    nodes, flow = [], "digits"
    for name, stride in STRIDES.items():
        edge = kept[name].shape[2] // 2
        shape = {"pads": [edge] * 4, "strides": [stride] * 2}
        nodes.append(helper.make_node("Conv", [flow, name, f"{name}_bias"], [f"{name}_sum"], **shape))
        nodes.append(helper.make_node("Relu", [f"{name}_sum"], [f"{name}_out"]))
        flow = f"{name}_out"
        if name in POOLED:
            nodes.append(helper.make_node("MaxPool", [flow], [f"{name}_pool"], kernel_shape=[2, 2], strides=[2, 2]))
            flow = f"{name}_pool"
    nodes += [
        helper.make_node("Flatten", [flow], ["flat"]),
        helper.make_node("Gemm", ["flat", "dense1", "dense1_bias"], ["hidden"]),
        helper.make_node("Relu", ["hidden"], ["lit"]),
        helper.make_node("Gemm", ["lit", "dense2", "dense2_bias"], ["logits"]),
    ]
    graph = helper.make_graph(
        nodes,
        "digits",
        [helper.make_tensor_value_info("digits", TensorProto.FLOAT, ["count", 1, 28, 28])],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["count", 10])],
        [numpy_helper.from_array(value, name) for name, value in kept.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], doc_string=note, ir_version=8)
    onnx.checker.check_model(model)
    return model.SerializeToString()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("digits", type=Path, help="the folder with train/ and test/")
    parser.add_argument("model", type=Path, help="where to write the network")
    parser.add_argument("--epochs", type=int, default=10)
    options = parser.parse_args()
    pictures, labels = digits_in(options.digits / "train")
    pictures = pictures.astype(np.float32) / 255
    order = np.random.default_rng(SEED).permutation(len(labels))
    pictures, labels = pictures[order], labels[order]
    weights = trained(pictures[:-KEPT_BACK], labels[:-KEPT_BACK], options.epochs)
    soiled = bent(pictures[-KEPT_BACK:], np.random.default_rng(SEED + 1))
    temperature = temperature_of(all_logits(weights, soiled), labels[-KEPT_BACK:])
    tested, answers = digits_in(options.digits / "test")
    right = (all_logits(weights, tested.astype(np.float32) / 255).argmax(axis=1) == answers).mean()
    model = exported(weights, temperature, "Handwritten digits, trained on MNIST (CC BY-SA 3.0); see digits.NOTICE.md")
    options.model.write_bytes(model)
    size = sum(int(np.prod(np.shape(value))) for value in weights.values())
    print(f"{size} weights, temperature {temperature:.2f}, {right:.4%} of {len(answers)} test digits read rightly")
    print(f"{len(model)} bytes, SHA-256 {hashlib.sha256(model).hexdigest()}")


if __name__ == "__main__":
    main()
