"""The ring of unacknowledged records."""

import random

from pump.ring import Ring


def record(sequence: int, size: int) -> bytes:
    return (sequence.to_bytes(4, "little") * 80)[:size]


def test_it_gives_back_what_it_was_given() -> None:
    ring = Ring(1000)
    for sequence in range(1, 6):
        ring.push(record(sequence, 40))
    assert [bytes(ring.get(sequence)) for sequence in range(1, 6)] == [record(n, 40) for n in range(1, 6)]


def test_the_oldest_give_way_and_are_counted() -> None:
    ring = Ring(500)
    for sequence in range(1, 101):
        ring.push(record(sequence, 48))
    assert (ring.oldest, ring.next, ring.dropped) == (91, 101, 90)


def test_what_is_acknowledged_makes_room_and_is_not_counted_as_dropped() -> None:
    ring = Ring(500)
    for sequence in range(1, 101):
        ring.push(record(sequence, 48))
        ring.release(sequence - 2)
    assert (ring.oldest, ring.next, ring.dropped) == (99, 101, 0)


def test_releasing_more_than_there_is_leaves_an_empty_ring_that_goes_on() -> None:
    ring = Ring(300)
    ring.push(record(1, 40))
    ring.release(99)
    ring.push(record(2, 40))
    assert (ring.oldest, ring.next) == (2, 3)
    assert bytes(ring.get(2)) == record(2, 40)


def test_any_mix_of_sizes_and_acknowledgements_keeps_the_newest_in_order() -> None:
    for seed in range(200):
        chance = random.Random(seed)
        ring, model = Ring(chance.randrange(300, 700)), {}
        for sequence in range(1, 400):
            model[sequence] = record(sequence, chance.randrange(6, 240))
            ring.push(model[sequence])
            if chance.random() < 0.2:
                through = chance.randrange(ring.oldest, ring.next + 1)
                ring.release(through)
            assert ring.oldest <= ring.next
            for held in range(ring.oldest, ring.next):
                assert bytes(ring.get(held)) == model[held], (seed, sequence, held)
            if sequence % 50 == 0 and ring.next - ring.oldest > 1:
                newest = ring.next - 1
                assert bytes(ring.get(newest)) == model[newest]


def test_it_uses_most_of_its_memory() -> None:
    ring = Ring(64000)
    for sequence in range(1, 5000):
        ring.push(record(sequence, 46))
    assert ring.next - ring.oldest >= 64000 // 48 - 1
