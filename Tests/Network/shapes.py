"""The list of shapes: what each module of shapes adds itself to."""


class Shape:
    def __init__(self, name, text, covers, seconds, play):
        self.name = name
        # What the network is like.
        self.text = text
        # The faults, by their numbers, that it has been written for.
        self.covers = covers
        # About how long it takes: the longest begin first.
        self.seconds = seconds
        # Plays it in a lab, and tells the lab what was promised and seen.
        self.play = play


SHAPES = {}


def shape(name, text, covers="", seconds=3):
    """Adds a function that takes a lab to the list."""
    def add(play):
        assert name not in SHAPES, name
        SHAPES[name] = Shape(name, text, covers, seconds, play)
        return play
    return add
