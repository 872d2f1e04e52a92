"""How much a file from outside may grow when it is read."""

from dataclasses import dataclass

MEBIBYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Bounds:
    """What is taken; a city's own files stay far below.

    Parameters
    ----------
    unpacked_bytes : int
        All that a compressed file holds.
    ratio : float
        So many times its packed size may a compressed file hold, beyond the first mebibyte. Map
        data packs to a tenth, sheets to a thirtieth; a bomb to a thousandth.
    members : int
        Files in an archive.
    pixels : int
        Cells of a raster; 1 m cells over 20 km by 20 km.
    block_bytes : int
        What one block of a raster takes in memory.
    """

    unpacked_bytes: int = 640 * MEBIBYTE
    ratio: float = 150.0
    members: int = 2_000
    pixels: int = 400_000_000
    block_bytes: int = 256 * MEBIBYTE

    def most_bytes(self, packed_bytes: int) -> int:
        """Return how much a packed file of this size may hold.

        >>> Bounds().most_bytes(10)
        1050076
        """
        return min(self.unpacked_bytes, int(MEBIBYTE + self.ratio * packed_bytes))


USUAL = Bounds()
