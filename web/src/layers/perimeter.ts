// The outline of the zone, coloured by the speed at which a vehicle could arrive there.

import { SPEED_STEPS_KMH, WHITE, speedClass, speedColour, speedWeight, speedWords } from "../colours";
import { words } from "../dom";
import { L } from "../map/globals";
import type { MapLayer } from "../map/layer";
import { samplesOf } from "../samples";
import type { Sample } from "../samples";
import type { PerimeterPoint, PlanLayers } from "../rows";
import { degrees, kilojoule, kmh, metres } from "../words";

export function perimeterLayer(layers: PlanLayers, vehicle: string | null): MapLayer {
  const samples = samplesOf(layers, vehicle);
  const pieces = neighbours(samples);
  const casings = pieces.map(([from, to]) =>
    line(from, to, { color: WHITE, weight: 11, interactive: false }),
  );
  const marks = pieces.map(([from, to]) => {
    const worse = from.properties.speed_kmh >= to.properties.speed_kmh ? from : to;
    const group = speedClass(worse.properties.speed_kmh);
    return line(from, to, { color: speedColour(group), weight: speedWeight(group) }).bindTooltip(
      words(pointWords(worse.properties)),
      { sticky: true },
    );
  });
  return {
    name: "perimeter",
    title: "Speed on the perimeter",
    layer: L.featureGroup([...casings, ...marks]),
    shown: true,
    legend: Array.from({ length: SPEED_STEPS_KMH.length + 2 }, (_, group) => ({
      swatch: { shape: "line", colour: speedColour(group), weight: speedWeight(group) },
      words: speedWords(group),
    })),
  };
}

function pointWords(point: PerimeterPoint): string {
  if (!(point.speed_kmh > 0)) return "No vehicle arrives here";
  const angle = point.angle_deg === null ? "" : ` at ${degrees(point.angle_deg)} to the outline`;
  return `${point.vehicle}: up to ${kmh(point.speed_kmh)}${angle}, ${kilojoule(point.energy_kj)}, run-up ${metres(point.approach_length_m)}`;
}

/** Pairs of samples that follow each other on one outline; where the outline ends there is a jump. */
function neighbours(samples: Sample[]): [Sample, Sample][] {
  const pairs = samples.slice(1).map((to, index): [Sample, Sample] => [samples[index] as Sample, to]);
  const steps = pairs
    .map(([from, to]) => place(from).distanceTo(place(to)))
    .sort((one, other) => one - other);
  const longest = 3 * (steps[Math.floor(steps.length / 2)] ?? 0);
  return pairs.filter(([from, to]) => place(from).distanceTo(place(to)) <= longest);
}

function place(row: Sample): L.LatLng {
  const [longitude, latitude] = row.geometry.coordinates;
  return L.latLng(latitude as number, longitude as number);
}

function line(from: Sample, to: Sample, look: L.PathOptions): L.Polyline {
  return L.polyline([place(from), place(to)], { pane: "perimeter", lineCap: "butt", ...look });
}
