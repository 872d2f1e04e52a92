import { expect, test } from "vitest";
import { samplesOf } from "../src/samples";
import type { PlanLayers } from "../src/rows";

const point = (perimeter_id: string, vehicle: string, distance_m: number, speed_kmh: number) => ({
  type: "Feature",
  geometry: { type: "Point", coordinates: [24.9, 60.1] },
  properties: { perimeter_id, vehicle, distance_m, speed_kmh },
});
const layers = {
  perimeter: {
    type: "FeatureCollection",
    features: [
      point("p2", "N1", 1, 30),
      point("p1", "N1", 0, 50),
      point("p1", "N2A", 0, 40),
      point("p2", "N2A", 1, 45),
    ],
  },
} as unknown as PlanLayers;
const shown = (vehicle: string | null) =>
  samplesOf(layers, vehicle).map(({ properties }) => [properties.perimeter_id, properties.vehicle]);

test("without a vehicle the fastest at each point is shown, in the order of the outline", () => {
  expect(shown(null)).toEqual([
    ["p1", "N1"],
    ["p2", "N2A"],
  ]);
});

test("with a vehicle only its own speeds are shown", () => {
  expect(shown("N2A")).toEqual([
    ["p1", "N2A"],
    ["p2", "N2A"],
  ]);
});
