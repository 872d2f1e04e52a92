// The fastest ways in, ranked: an arrow each, the worst ones widest.

import { VERMILION } from "../colours";
import { L } from "../map/globals";
import type { MapLayer } from "../map/layer";
import { arrowHead } from "../map/marks";
import type { Corridor, Lines, PlanLayers, Row } from "../types";
import { kilojoule, kmh, metres, streetName } from "../words";

const weight = (rank: number): number => Math.max(2, 5 - (rank - 1) / 2);

export function corridorsLayer({ corridors }: PlanLayers): MapLayer {
  const heads: L.Layer[] = [];
  const lines = L.geoJSON<Corridor, Lines>(corridors as never, {
    pane: "corridors",
    style: (row) => ({
      color: VERMILION,
      weight: weight((row as Row<Lines, Corridor>).properties.rank),
      dashArray: "10 5",
    }),
    onEachFeature: (row, layer) => {
      layer.bindTooltip(corridorWords(row.properties), { sticky: true });
      const head = arrowHead(row.geometry, VERMILION, String(row.properties.rank));
      if (head) heads.push(head);
    },
  });
  return {
    name: "corridors",
    title: "Approach corridors",
    layer: L.featureGroup([lines, ...heads]),
    shown: true,
    legend: [
      {
        swatch: { shape: "line", colour: VERMILION, weight: 4, dash: "7 4" },
        words: "fastest run-up, 1 is the worst",
      },
    ],
  };
}

export function corridorWords(row: Corridor): string {
  return `${row.rank}: ${streetName(row.street)}, ${row.vehicle} up to ${kmh(row.speed_kmh)}, ${kilojoule(row.energy_kj)} after ${metres(row.length_m)}`;
}
