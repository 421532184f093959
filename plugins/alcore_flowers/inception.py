"""The article's model: an InceptionV3 feature vector of TensorFlow Hub and a dense layer."""

from alcore_backbones import HubOptions
from alcore_backbones.fine_tuned import FineTuned, Schedule
from alcore_backbones.hub import HubBackbone
from alcore_flowers import InceptionOptions


def make_model(options: InceptionOptions) -> FineTuned:
    """The untrained model.

    Raises:
        AlcoreError: The SavedModel is neither here nor reachable, or the precision impossible;
            said before TensorFlow is imported.
    """
    literal = options.literal_article
    schedule = Schedule(
        head=options.epochs_head + (options.epochs_fine if literal else 0),
        fine=options.epochs_fine,
        after=options.epochs_after,
        head_rate=options.learning_rate_head,
        fine_rate=options.learning_rate_fine,
        batch=options.batch,
        mirror=options.augment,
    )
    return FineTuned(schedule, _hub(options) if _is_tuned(options) else None)


def make_backbone(options: InceptionOptions) -> HubBackbone | None:
    """The frozen backbone; None where it is fine-tuned.

    Fine-tuning needs the frozen features of the first labelled samples only: the model makes
    them itself, rather than have those of the whole dataset computed.
    """
    return None if _is_tuned(options) else _hub(options)


def _is_tuned(options: InceptionOptions) -> bool:
    return options.fine_tune and not options.literal_article


def _hub(options: InceptionOptions) -> HubBackbone:
    return HubBackbone(
        HubOptions(handle=options.handle, size=options.size, precision=options.precision)
    )
