"""The order of conditions looks at as few pairs as possible; the trees that are walked know who shares what."""

from itertools import permutations

import numpy as np

from matcher.planning import Asked, cheapest_order
from matcher.tries import Trie


def cost(asked: list[Asked], order: list[int], learners: int, slots: int) -> float:
    """The pairs to be looked at: classes that the conditions so far tell apart, as far as those before allow."""
    total, who, where = 0.0, 1, 1
    left = np.ones(len(asked[0].allows), bool)
    for number in order:
        who, where = who * asked[number].learners, where * asked[number].slots
        total += min(who, learners) * min(where, slots) * (left.sum() + 0.5)
        left &= asked[number].allows
    return total


def test_no_order_is_cheaper() -> None:
    """Against every permutation of five conditions, with answers that hang together."""
    for seed in range(20):
        random = np.random.default_rng(seed)
        common = random.random(64)
        asked = [
            Asked(
                int(random.integers(1, 30)), int(random.integers(1, 30)), common + random.random(64) < limit
            )
            for limit in random.random(5) * 2
        ]
        found = cost(asked, cheapest_order(asked, 500, 300), 500, 300)
        assert found == min(cost(asked, list(order), 500, 300) for order in permutations(range(5)))


def test_many_conditions_keep_their_order_by_what_they_bar() -> None:
    """Of eleven, the three that bar least come last; nothing to ask has no order."""
    allows = [np.arange(16) <= number for number in range(11)]
    order = cheapest_order([Asked(2, 2, allowed) for allowed in reversed(allows)], 100, 100)
    assert sorted(order) == list(range(11))
    assert order[8:] == [2, 1, 0]
    assert cheapest_order([], 10, 10) == []


def test_a_tree_by_hand() -> None:
    """Rows a, b, c, d with classes 1, 0, 1, 1 and 5, 5, 5, 2: b; then d, and a with c."""
    tree = Trie.of([np.array([1, 0, 1, 1]), np.array([5, 5, 5, 2])], 4)
    assert tree.order.tolist() == [1, 3, 0, 2]
    assert [begins.tolist() for begins in tree.begins] == [[0, 4], [0, 1, 4], [0, 1, 2, 4]]
    assert [label.tolist() for label in tree.label] == [[0], [0, 1], [5, 2, 5]]
    assert [below.tolist() for below in tree.below] == [[0, 2], [0, 1, 3], [0, 1, 2, 4]]
    assert (tree.depth, tree.cut(1).depth) == (2, 1)
    assert [tree.is_apart(depth) for depth in range(3)] == [False, True, True]


def test_the_nodes_of_some_places() -> None:
    """Places 1 and 2 of that tree: the root, its second node, both nodes below it, and the places themselves."""
    tree = Trie.of([np.array([1, 0, 1, 1]), np.array([5, 5, 5, 2])], 4)
    assert [tree.span(depth, 1, 3) for depth in range(4)] == [(0, 1), (1, 2), (1, 3), (1, 3)]
    assert tree.span(2, 2, 4) == (2, 3)
