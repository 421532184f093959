"""The article's experiment, as its author wrote it and as alcore plays it, side by side.

See README.md for the command, what is measured, and results. The SavedModel has InceptionV3's
layers and random weights: times and memory are real, accuracies mean nothing.
"""

import json
import os
import resource
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

CLASSES, SIZE, BATCH = 5, 299, 100
MODES = ("author", "author-compiled", "frozen", "tuned")
SECONDS_PER_RATE = 20


@click.command()
@click.option("--share", default=1.0, show_default=True, help="Of the photos; 1 takes an hour.")
@click.option("--only", type=click.Choice(MODES), multiple=True, help="Leave out the others.")
@click.option("--precision", default="float32", show_default=True, help="Of ours.")
@click.option("--worker", type=(str, click.Path(path_type=Path)), hidden=True)
def main(share: float, only: tuple[str, ...], precision: str, worker: tuple[str, Path]) -> None:
    """Print a table; each row is a process of its own."""
    if worker:
        name, folder = worker
        click.echo(json.dumps(WORKERS[name](folder, share, precision)))
        return
    if "ALCORE_TEST_DATA" not in os.environ:
        raise click.UsageError("ALCORE_TEST_DATA must name the folder of flower_photos.tgz")
    with tempfile.TemporaryDirectory() as made:
        started("prepare", Path(made), share, precision)
        results = {m: started(m, Path(made), share, precision) for m in only or MODES}
    report(results)


def started(name: str, folder: Path, share: float, precision: str) -> dict[str, float]:
    """What a process of its own answers; the settings of this shell are those of all."""
    environment = {**os.environ, "XDG_CACHE_HOME": str(folder), "TF_CPP_MIN_LOG_LEVEL": "2"}
    if name.startswith("author"):
        environment["TF_USE_LEGACY_KERAS"] = "1"
    command = [sys.executable, __file__, "--worker", name, str(folder), "--share", str(share)]
    command += ["--precision", precision]
    with (folder / "log").open("ab") as log:
        begun = time.perf_counter()
        done = subprocess.run(
            command, env=environment, stdout=subprocess.PIPE, stderr=log, check=False
        )
        seconds = time.perf_counter() - begun
    if done.returncode:
        raise click.ClickException((folder / "log").read_text()[-2000:])
    answer: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    click.echo(f"{name}: {seconds:.0f} s", err=True)
    return {"seconds": seconds, **answer}


def report(results: dict[str, dict[str, float]]) -> None:
    click.echo(
        "| | seconds | peak RSS, GB | passes x img/s (the limit), s | of the limit reached |"
    )
    click.echo("|---|---|---|---|---|")
    for name, row in results.items():
        limit = "| |"
        if "forward" in row:
            least = row["forward"] / row["forward_rate"] + row["train"] / row["train_rate"]
            work = f"{row['forward']:.0f} / {row['forward_rate']:.1f}"
            if row["train"]:
                work += f" + {row['train']:.0f} / {row['train_rate']:.1f}"
            limit = f"{work} = {least:.0f} | {least / row['seconds']:.2f} |"
        click.echo(f"| {name} | {row['seconds']:.0f} | {row['peak']:.2f} | {limit}")
    for ours, theirs in (("frozen", "author"), ("tuned", "author-compiled")):
        if {ours, theirs} <= results.keys():
            times = results[theirs]["seconds"] / results[ours]["seconds"]
            click.echo(f"{ours} is {times:.2f} times as fast as {theirs}")


def peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6


def counts(share: float) -> tuple[int, int, int, int]:
    """Labelled at first, validation, test, bought."""
    initial, validation, test, bought = (round(n * share) for n in (1000, 500, 1000, 500))
    return initial, validation, test, bought


def prepare(folder: Path, share: float, precision: str) -> dict[str, float]:
    """The photos through TFDS, and a SavedModel with the signature of TensorFlow Hub."""
    import keras
    import tensorflow as tf

    from alcore_tfds.builder import build

    archive = folder / "flower_photos.tgz"
    with (
        tarfile.open(Path(os.environ["ALCORE_TEST_DATA"]) / archive.name) as photos,
        tarfile.open(archive, "w:gz", compresslevel=1) as chosen,
    ):
        members = sorted((m for m in photos if m.name.endswith(".jpg")), key=lambda m: m.name)
        for number, member in enumerate(members):
            if int(number * share) != int((number + 1) * share):
                chosen.addfile(member, photos.extractfile(member))
    url = "http://download.tensorflow.org/example_images/flower_photos.tgz"
    build("tf_flowers", {url: archive}, folder / "tfds")

    keras.utils.set_random_seed(0)
    shape = (SIZE, SIZE, 3)
    model = keras.applications.InceptionV3(
        weights=None, include_top=False, pooling="avg", input_shape=shape
    )
    call = tf.function(lambda inputs, training=False: model(inputs, training=training))
    for training in (True, False):
        call.get_concrete_function(tf.TensorSpec((None, *shape), tf.float32), training=training)
    module = tf.train.Checkpoint()
    module.__call__ = call
    module.variables = [variable.value for variable in model.variables]
    module.trainable_variables = [variable.value for variable in model.trainable_variables]
    module.regularization_losses = []
    tf.saved_model.save(module, str(folder / "model"))
    return {}


def author(folder: Path, share: float, *, compiles: bool) -> dict[str, float]:
    """The steps of the author's script, in its order, with its cache, batches and prefetching.

    Args:
        folder: Of `prepare`.
        share: Of the photos.
        compiles: Compile after unfreezing, as the article means and the script does not.
    """
    import numpy as np
    import tensorflow as tf
    import tensorflow_datasets as tfds
    import tensorflow_hub as hub
    import tf_keras

    initial, validation, test, bought = counts(share)
    bounds = np.cumsum([initial, validation, test])
    split = [f"train[{a}:{b}]" for a, b in zip(["", *bounds], [*bounds, ""], strict=True)]
    parts = tfds.load(
        "tf_flowers", split=split, as_supervised=True, data_dir=folder / "tfds", download=False
    )

    def scaled(x: Any, y: Any) -> Any:
        return tf.image.resize(x, (SIZE, SIZE)) / 255.0, y

    def batched(part: Any) -> Any:
        return part.batch(BATCH).prefetch(tf.data.AUTOTUNE)

    learnt, validated, tested, pool = (part.cache().map(scaled) for part in parts)
    layer = hub.KerasLayer(str(folder / "model"), trainable=False)
    model = tf_keras.Sequential([layer, tf_keras.layers.Dense(CLASSES)])
    model.build([None, SIZE, SIZE, 3])
    loss = tf_keras.losses.SparseCategoricalCrossentropy(from_logits=True)

    def compiled(rate: float) -> None:
        model.compile(optimizer=tf_keras.optimizers.Adam(rate), loss=loss, metrics=["accuracy"])

    def fit(part: Any, epochs: int) -> None:
        data = batched(validated)
        model.fit(batched(part), validation_data=data, epochs=epochs, verbose=0)

    def confidences() -> Any:
        return np.concatenate([softmax.predict(x, verbose=0).max(axis=1) for x, _ in batched(pool)])

    compiled(1e-3)
    fit(learnt, 3)
    model.trainable = True
    if compiles:
        compiled(1e-5)
    fit(learnt, 2)
    softmax = tf_keras.Sequential([model, tf_keras.layers.Softmax()])
    model.evaluate(batched(tested), verbose=0)
    least = np.argsort(confidences())[:bought]
    images, labels = zip(*pool, strict=True)
    chosen = tf.data.Dataset.from_tensor_slices((np.array(images)[least], np.array(labels)[least]))
    del images, labels
    model.evaluate(batched(chosen), verbose=0)
    fit(learnt.concatenate(chosen), 3)
    model.evaluate(batched(tested), verbose=0)
    model.evaluate(batched(chosen), verbose=0)
    confidences()
    return {"peak": peak()}


def ours(folder: Path, share: float, precision: str, *, fine_tune: bool) -> dict[str, float]:
    """The preset of the article, from nothing, without the store; then the machine's rates."""
    begun = time.perf_counter()
    from alcore.experiment import parse_experiment
    from alcore.features import FeatureCache
    from alcore.loading import load_dataset, make_run
    from alcore.models import unwatched
    from alcore.plugins import Registry
    from alcore.presets import experiment_text

    registry = Registry.load(built_in_only=True, block=(), strict=True)
    initial, validation, test, bought = counts(share)
    settings: dict[str, object] = {
        "dataset.data_dir": folder / "tfds",
        "model.handle": folder / "model",
        "model.fine_tune": str(fine_tune).lower(),
        "model.precision": precision,
        "splits.initial": initial,
        "splits.validation": validation,
        "splits.test": test,
        "budget.samples": bought,
        "budget.batch": bought,
    }
    overrides = [f"{name}={value}" for name, value in settings.items()]
    experiment = parse_experiment(experiment_text("article"), registry, overrides=overrides)
    cache = FeatureCache(folder / f"features-{precision}")
    loaded = load_dataset(experiment, registry, cache=cache, progress=unwatched)
    run = make_run(experiment, loaded, registry, strategy="least_confidence", seed=0)
    names = dict(zip(loaded.dataset.ids, loaded.labels.tolist(), strict=True))
    while (asked := run.ask()) is not None:
        run.tell({name: names[name] for name in asked})
    highest, seconds = peak(), time.perf_counter() - begun

    n = len(loaded.labels)
    forward = initial + 2 * (n - initial) if fine_tune else n
    train = 2 * initial + 3 * (initial + bought) if fine_tune else 0
    passes = {"forward": forward, "train": train}
    # The interpreter's own start is left out, as the measuring of rates follows.
    return {"seconds": seconds, "peak": highest, **passes, **rates(folder, train=fine_tune)}


def rates(folder: Path, *, train: bool) -> dict[str, float]:
    """Images a second through the bare SavedModel, all of them in memory already."""
    import numpy as np

    from alcore_backbones.frameworks import tf

    module = tf.saved_model.load(str(folder / "model"))
    found = {"forward_rate": 1.0, "train_rate": 1.0}
    images = tf.constant(np.random.default_rng(0).random((32, SIZE, SIZE, 3), np.float32))
    forward = tf.function(lambda: tf.reduce_sum(module(images, training=False)))
    found["forward_rate"] = len(images) / seconds_of(forward)
    if not train:
        return found
    few = images[:10]

    @tf.function
    def step() -> Any:
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(module(few, training=False))
        return tf.add_n([tf.reduce_sum(g) for g in tape.gradient(loss, module.trainable_variables)])

    found["train_rate"] = len(few) / seconds_of(step)
    return found


def seconds_of(call: Callable[[], Any]) -> float:
    """Of one call, on average, after one to warm up."""
    call()
    calls, begun = 0, time.perf_counter()
    while time.perf_counter() - begun < SECONDS_PER_RATE:
        call().numpy()
        calls += 1
    return (time.perf_counter() - begun) / calls


WORKERS: dict[str, Callable[[Path, float, str], dict[str, float]]] = {
    "prepare": prepare,
    "author": lambda folder, share, _: author(folder, share, compiles=False),
    "author-compiled": lambda folder, share, _: author(folder, share, compiles=True),
    "frozen": lambda folder, share, precision: ours(folder, share, precision, fine_tune=False),
    "tuned": lambda folder, share, precision: ours(folder, share, precision, fine_tune=True),
}


if __name__ == "__main__":
    main()
