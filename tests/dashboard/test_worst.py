"""The least confident samples of a round."""

from alcore.store import Store
from alcore_dashboard.services import worst
from alcore_dashboard.services.worst import WorstSample


def test_the_worst_are_sorted_and_know_their_truth(played: Store) -> None:
    run = played.runs()[0]
    samples = worst.worst_samples(played, run, 0, k=20)
    assert len(samples) == 20
    tops = [sample.probabilities[0][1] for sample in samples]
    assert tops == sorted(tops)
    for sample in samples:
        number = int(sample.id.removeprefix("point-"))
        assert sample.truth == ("left", "right", "top")[number % 3]
        assert sample.predicted == max(sample.probabilities, key=lambda pair: pair[1])[0]
        assert sample.is_right == (sample.truth == sample.predicted)
        assert sample.picture is not None
        assert sample.picture.startswith(f"/thumbnail/{run.dataset_id}/{number}?v=")


def test_every_picture_is_in_the_store(played: Store) -> None:
    run = played.runs()[0]
    for number in range(4):
        for sample in worst.worst_samples(played, run, number):
            position = int(sample.id.removeprefix("point-"))
            assert run.dataset_id is not None
            assert (played.thumbnail(run.dataset_id, position) or b"").startswith(b"\x89PNG")


def test_the_takeaway_counts_the_wrong_ones() -> None:
    def sample(truth: str | None) -> WorstSample:
        return WorstSample(
            id="i", probabilities=(("a", 0.4), ("b", 0.3)), truth=truth, picture=None
        )

    known = worst.takeaway((sample("a"), sample("b"), sample("b")), 2)
    assert "round 2" in known
    assert "40%" in known
    assert "wrong on 2 of these 3" in known
    assert "nobody knows" in worst.takeaway((sample(None),), 0)
