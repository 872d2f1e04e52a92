"""The colour of each kind of furniture, on the page and in the picture."""

_COLOURS = {
    "bollard": "#1f5fa8",
    "planter": "#3f8f4f",
    "bench": "#a2672b",
    "gate": "#7b4fa0",
    "block": "#6b6f76",
    "step": "#8a8171",
    "low wall": "#8a8171",
    "parked vehicle": "#6b6f76",
}
_OTHER = "#b0436a"


def colour_of(word: str) -> str:
    """Return the colour of a kind of furniture.

    >>> colour_of("planter"), colour_of("statue")
    ('#3f8f4f', '#b0436a')
    """
    return _COLOURS.get(word, _OTHER)
