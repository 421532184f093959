"""Options of components: reading text, bounds, suggestions."""

from dataclasses import dataclass

import pytest

from alcore.errors import UsageError
from alcore.options import NoOptions, build, check_defaults, describe, option, suggest, to_dict


@dataclass(frozen=True, kw_only=True)
class Example:
    epochs: int = option(3, help="passes", minimum=1, maximum=10)
    rate: float = option(0.1, help="step size", minimum=0.0)
    shuffle: bool = option(True, help="shuffle")
    kind: str = option("adam", help="optimizer", choices=("adam", "sgd"))


def test_describe_gives_every_field_in_order() -> None:
    assert [info.name for info in describe(Example)] == ["epochs", "rate", "shuffle", "kind"]
    assert describe(Example)[0].maximum == 10
    assert describe(NoOptions) == ()


def test_text_is_read_as_the_type_of_the_field() -> None:
    made = build(
        Example, {"epochs": "7", "rate": "2", "shuffle": "no", "kind": "sgd"}, where="model"
    )
    assert made == Example(epochs=7, rate=2.0, shuffle=False, kind="sgd")
    assert to_dict(made) == {"epochs": 7, "rate": 2.0, "shuffle": False, "kind": "sgd"}


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"epoch": 1}, "model.epoch is not an option; did you mean 'epochs'?"),
        ({"epochs": 0}, "model.epochs must be at least 1, not 0"),
        ({"epochs": 11}, "model.epochs must be at most 10, not 11"),
        ({"epochs": "many"}, "model.epochs must be a whole number, not 'many'"),
        ({"epochs": 2.5}, "model.epochs must be a whole number, not 2.5"),
        ({"epochs": True}, "model.epochs must be a whole number, not True"),
        ({"rate": "nan"}, "model.rate must be a finite number, not nan"),
        ({"rate": [1]}, "model.rate must be a number, not [1]"),
        ({"shuffle": "perhaps"}, "model.shuffle must be true or false, not 'perhaps'"),
        ({"kind": "rmsprop"}, "model.kind must be one of adam, sgd, not 'rmsprop'"),
        ({"kind": 3}, "model.kind must be text, not 3"),
    ],
)
def test_a_bad_value_is_refused_in_one_sentence(values: dict[str, object], sentence: str) -> None:
    with pytest.raises(UsageError) as caught:
        build(Example, values, where="model")
    assert str(caught.value) == sentence


def test_a_field_that_is_no_option_is_refused() -> None:
    @dataclass(frozen=True)
    class Plain:
        epochs: int = 3

    with pytest.raises(UsageError, match="must be made by alcore.option"):
        describe(Plain)


def test_defaults_are_held_against_their_own_field() -> None:
    @dataclass(frozen=True, kw_only=True)
    class Text:
        epochs: int = option("3", help="")

    @dataclass(frozen=True, kw_only=True)
    class Low:
        epochs: int = option(0, help="", minimum=1)

    check_defaults(Example)
    with pytest.raises(UsageError, match=r"default of Text.epochs must be a whole number, not '3'"):
        check_defaults(Text)
    with pytest.raises(UsageError, match=r"default of Low.epochs must be at least 1, not 0"):
        check_defaults(Low)


def test_suggest_lists_all_where_nothing_is_near() -> None:
    assert suggest("zzz", ["entropy", "random"]) == "known: entropy, random"
    assert suggest("zzz", []) == "there are none"
