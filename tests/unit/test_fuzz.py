"""The fuzzer itself, for a moment: every target reads its good inputs and bad ones."""

from random import Random

import pytest

from tests.fuzz.mutate import mutate
from tests.fuzz.targets import Target, targets

TARGETS = targets()


@pytest.mark.parametrize("target", TARGETS, ids=[target.name for target in TARGETS])
def test_target(target: Target) -> None:
    """Good inputs and a few hundred damaged ones raise nothing unexpected."""
    assert target.corpus
    for data in target.corpus:
        target.run(data)
    random = Random(26)
    changed = 0
    for _ in range(300):
        data = mutate(random, target.corpus)
        changed += data not in target.corpus
        target.run(data)
    assert changed > 250
