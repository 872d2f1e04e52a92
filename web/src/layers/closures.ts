// Streets that vehicles no longer reach.

import { ORANGE } from "../colours";
import { L } from "../map/globals";
import type { MapLayer } from "../map/layer";
import type { Closure, Lines, PlanLayers, Row } from "../types";
import { metres, streetName } from "../words";

export function closuresLayer({ closures }: PlanLayers): MapLayer {
  return {
    name: "closures",
    title: "Closed streets",
    layer: L.geoJSON<Closure, Lines>(closures as never, {
      pane: "closures",
      style: (row) => ({
        color: ORANGE,
        weight: 7,
        opacity: 0.7,
        ...((row as Row<Lines, Closure>).properties.treatment === "closed" ? {} : { dashArray: "2 10" }),
      }),
      onEachFeature: (row, layer) => layer.bindTooltip(closureWords(row.properties), { sticky: true }),
    }),
    shown: true,
    legend: [
      { swatch: { shape: "line", colour: ORANGE, weight: 6 }, words: "closed to vehicles" },
      {
        swatch: { shape: "line", colour: ORANGE, weight: 6, dash: "2 8" },
        words: "reached through an openable lane",
      },
    ],
  };
}

export function closureWords(row: Closure): string {
  return `${streetName(row.name)}: ${metres(row.length_m)}, ${row.treatment}`;
}
