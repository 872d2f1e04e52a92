// The points of the perimeter that are to be shown.

import type { Point } from "geojson";
import type { PerimeterPoint, PlanLayers, Row } from "./rows";

export type Sample = Row<Point, PerimeterPoint>;

/** The worst vehicle at each point, or the points of one vehicle. */
export function samplesOf({ perimeter }: Pick<PlanLayers, "perimeter">, vehicle: string | null): Sample[] {
  const worst = new Map<string, Sample>();
  for (const row of perimeter.features) {
    const { perimeter_id, speed_kmh, vehicle: of } = row.properties;
    const known = worst.get(perimeter_id);
    if ((vehicle === null || vehicle === of) && (!known || speed_kmh > known.properties.speed_kmh))
      worst.set(perimeter_id, row);
  }
  return [...worst.values()].sort((one, other) => one.properties.distance_m - other.properties.distance_m);
}
