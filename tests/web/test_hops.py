"""The graph of hops."""

from tests.web.event_build import Story, large, order
from web.hops import HEIGHT, MOST_NODES, graph


def _hops(story: Story) -> set[tuple[str, str, str]]:
    return {(hop.source, hop.target, hop.kind) for hop in graph(story.told("")).hops}


def test_functions_and_queues_are_nodes_in_the_order_of_the_flow() -> None:
    """From top to bottom; a dead-letter queue is marked."""
    found = graph(order())
    heights = {node.name: node.y for node in found.nodes}

    assert heights["orders-api"] < heights["orders-q"] < heights["orders-worker"]
    assert {node.name for node in found.nodes if node.kind == "dlq"} == {"mail-dlq"}
    assert all(node.y < found.height and node.x < found.width for node in found.nodes)


def test_an_edge_counts_messages_and_attempts_and_adds_up_waits() -> None:
    """Retries are no hop of their own."""
    hops = {(hop.source, hop.target): hop for hop in graph(order()).hops}

    assert (hops["payments", "payment"].count, hops["payments", "payment"].attempts) == (1, 3)
    assert hops["orders-q", "orders-worker"].wait_ns == 12_400_000_000
    assert hops["orders-worker", "payments"].exact is False
    assert ("payment", "payment") not in hops


def test_a_dead_letter_goes_from_queue_to_queue() -> None:
    """Not from the function that failed, and putting it back is no hop of the function."""
    hops = {(hop.source, hop.target): hop.kind for hop in graph(order()).hops}

    assert hops["mail", "mail-dlq"] == "dead"
    assert hops["mail-dlq", "mail-alarm"] == "taken"
    assert not any(pair[0] == "notify" for pair in hops)


def test_a_loop_between_functions_is_drawn() -> None:
    """A hop back to an earlier function takes no part in the layers."""
    story = Story()
    last = None
    for number, function in enumerate(("a", "b", "a")):
        name = f"d{number}"
        story.delivery(name, function, number * 10, number * 10 + 5, part=number)
        last = story.span("s", function, number * 10, 5, part=number, delivery=name, parent=last)

    assert _hops(story) == {("a", "b", "called"), ("b", "a", "called")}


def test_a_fan_out_is_one_edge_for_each_function() -> None:
    """However many messages there were."""
    found = graph(large())

    assert len(found.nodes) == 6
    assert {hop.count for hop in found.hops} == {100, 25}


def test_hundreds_of_functions_are_not_all_drawn() -> None:
    """And the graph says how many are left out."""
    story = Story()
    for number in range(200):
        story.delivery(f"d{number}", f"f{number}", number, number + 1, part=number)

    assert (len(graph(story.told("")).nodes), graph(story.told("")).left_out) == (
        MOST_NODES,
        200 - MOST_NODES,
    )


def test_a_long_chain_winds_in_two_columns_that_fit_a_phone() -> None:
    """Five functions, each called by the one before it: three rows, and no arrow over a node."""
    story = Story()
    last = None
    for number, function in enumerate("abcde"):
        name = f"d{number}"
        story.delivery(name, function, number * 10, number * 10 + 5, part=number)
        last = story.span("s", function, number * 10, 5, part=number, delivery=name, parent=last)
    found = graph(story.told(""))
    at = {node.name: (node.x, node.y) for node in found.nodes}

    assert at["a"][1] == at["b"][1] < at["c"][1] == at["d"][1] < at["e"][1]
    assert at["b"][0] == at["c"][0] > at["a"][0] == at["d"][0] == at["e"][0]
    assert found.width <= 364
    assert found.height < 5 * HEIGHT * 2
    assert len(found.hops) == 4
