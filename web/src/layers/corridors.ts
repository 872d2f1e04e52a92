// The fastest ways in: the colour is the speed, the worst ones are the widest and carry rank 1.

import { speedClass, speedColour } from "../colours";
import { words } from "../dom";
import { L } from "../map/globals";
import type { MapLayer } from "../map/layer";
import { arrowHead, rankBadge } from "../map/marks";
import type { Corridor, Lines, PlanLayers, Row } from "../rows";
import { kilojoule, kmh, metres, streetName } from "../words";

const weight = (rank: number): number => Math.max(2, 5 - (rank - 1) / 2);
const colour = (row: Corridor): string => speedColour(speedClass(row.speed_kmh));

export function corridorsLayer({ corridors }: PlanLayers): MapLayer {
  const marks: L.Layer[] = [];
  const lines = L.geoJSON<Corridor, Lines>(corridors as never, {
    pane: "corridors",
    style: (feature) => {
      const row = (feature as Row<Lines, Corridor>).properties;
      return { color: colour(row), weight: weight(row.rank), lineCap: "butt" };
    },
    onEachFeature: ({ properties, geometry }, layer) => {
      layer.bindTooltip(words(corridorWords(properties)), { sticky: true });
      marks.push(...arrowHead(geometry, colour(properties)), ...rankBadge(geometry, properties.rank));
    },
  });
  return {
    name: "corridors",
    title: "Approach corridors",
    layer: L.featureGroup([lines, ...marks]),
    shown: true,
    legend: [
      { swatch: { shape: "badge", text: "1" }, words: "rank, 1 is the worst and widest; colour as above" },
    ],
  };
}

function corridorWords(row: Corridor): string {
  const arrival = `${row.vehicle} up to ${kmh(row.speed_kmh)}, ${kilojoule(row.energy_kj)}`;
  return `${row.rank}: ${streetName(row.street)}, ${arrival} after ${metres(row.length_m)}`;
}
