"""The sweeps against a slow twin: a first-in first-out queue over states, in plain Python."""

from collections import deque
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pytest
import shapely
from shapely import LineString, box
from shapely.affinity import rotate

from sbd.approach.clearance import free_cells, make_terrain
from sbd.approach.field import solve_on
from sbd.approach.route_kernels import label_after
from sbd.approach.rules import rules_for
from sbd.model.assessment import FieldSettings
from sbd.model.speed_field import Bound
from sbd.model.surface import Elevation
from sbd.model.words import Grip
from tests.drawn_ground import surface, vehicle

SETTINGS = FieldSettings(1.0, 32, 9.0)


def yard():
    """A yard of 20 x 14 m with a block, a slanting wall, grass, and an entry in the west."""
    ground = box(0, 0, 20, 14).difference(
        shapely.union_all([box(7, 5, 9, 8), rotate(box(14, 2, 15, 7), 30)])
    )
    entry = LineString([(0, 6), (0, 13)])
    site = surface(ground, study=box(0, -5, 25, 19), entries=[entry])
    paving = gpd.GeoDataFrame(
        {"ground_id": ["G1", "G2"], "surface": ["grass", "asphalt"]},
        geometry=[box(2, 0, 9, 6), box(8, 2, 20, 9)],
        crs=site.crs,
    )
    return replace(site, paving=paving)


class Twin:
    """Labels by state, raised one by one until none rises."""

    def __init__(self, terrain, driver, bound):
        self.rules = rules_for(terrain, driver, bound)
        self.lattice, self.scale = self.rules.lattice, self.rules.scale
        self.gain, self.cap = self.rules.gain, self.rules.cap
        self.entry = int(self.scale.label_of_speed(terrain.settings.entry_speed_mps))
        self.comes_in = terrain.entry_headings
        self.cells = free_cells(terrain, width_m=driver.width_m, bound=bound)
        self.free = {(int(x), int(y)) for y, x in np.argwhere(self.cells)}

    def can(self, k, x, y):
        cells = self.lattice.cell[self.lattice.cell_first[k] : self.lattice.cell_first[k + 1]]
        return all((x + dx, y + dy) in self.free for dx, dy in cells.tolist())

    def enters(self, x, y, heading):
        return int(self.comes_in[y, x]) >> heading & 1

    def start(self, x, y, heading):
        """The best of rest, the rim here, and the last part of a straight motion to here."""
        best = self.entry if self.enters(x, y, heading) else 0
        behind, label = self.rules.cells_behind(heading)
        for (dx, dy), won in zip(behind.tolist(), label.tolist(), strict=True):
            if (x + dx, y + dy) not in self.free:
                break
            if won >= 0:
                begin = self.entry if self.enters(x + dx, y + dy, heading) else 0
                there, top = (x + dx, y + dy), self.scale.top_label
                best = max(best, self.after(begin, won, top, there, (x, y)))
        return min(best, self.scale.top_label)

    def after(self, label, gain, cap, start, end):
        """The label at the end of a motion, on the flat or over its climb."""
        if not self.rules.slope.height.size:
            return min(label + gain, cap)
        height = self.rules.slope.height
        heights = [int(height[y, x]) for x, y, *_ in (start, end)]
        return label_after(label, gain, cap, *heights, self.rules.slope)

    def motions(self, x, y, heading):
        """The motions that are free from a state: where to, what they win, what they allow."""
        found = []
        for k in range(self.lattice.first[heading], self.lattice.first[heading + 1]):
            if self.can(k, x, y):
                dx, dy = self.lattice.shift[k].tolist()
                target = (x + dx, y + dy, int(self.lattice.end_heading[k]))
                found.append((target, int(self.gain[k]), self.allows(k, x, y)))
        return found

    def allows(self, k, x, y):
        """The label that the curve of a motion allows on the ground it runs over."""
        if not self.rules.level.size:
            return int(self.cap[0, k])
        cells = self.lattice.cell[self.lattice.cell_first[k] : self.lattice.cell_first[k + 1]]
        levels = [self.rules.level[y + dy, x + dx] for dx, dy in cells.tolist()]
        strictest = self.rules.bound is Bound.LOWER
        return int(self.cap[min(levels) if strictest else max(levels), k])

    def solve(self):
        headings = range(self.lattice.headings)
        label = {(x, y, h): self.start(x, y, h) for x, y in self.free for h in headings}
        motions = {state: self.motions(*state) for state in label}
        queue = deque(sorted(label))
        while queue:
            state = queue.popleft()
            for target, gain, cap in motions[state]:
                value = self.after(label[state], gain, cap, state, target)
                if value > label[target]:
                    label[target] = value
                    queue.append(target)
        return label


HILL = Elevation(np.add.outer(np.arange(8) * 0.2, np.abs(np.arange(10) - 4) * 0.3), (-5, -8), 4, "")


@pytest.mark.parametrize("elevation", [None, HILL], ids=["flat", "hill"])
@pytest.mark.parametrize("grip", [Grip.DESIGN, Grip.WET])
@pytest.mark.parametrize("bound", list(Bound))
def test_the_sweeps_give_the_field_of_the_queue_bit_by_bit(bound, grip, elevation):
    driver = vehicle(acceleration_mps2=1.5, top_speed_mps=14.0, power_w=15e3)
    site = replace(yard(), elevation=elevation)
    terrain = make_terrain(site, replace(SETTINGS, grip=grip), widest_m=driver.width_m)
    field = solve_on(terrain, driver, bound=bound)
    twin = Twin(terrain, driver, bound)
    want = np.zeros_like(field.label)
    for (x, y, heading), value in twin.solve().items():
        want[y, heading, x] = value
    assert np.array_equal(field.free, twin.cells)
    assert np.count_nonzero(want) > 1000
    assert np.array_equal(field.label, want)
