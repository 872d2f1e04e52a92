// Streets that vehicles no longer reach.

import { PURPLE } from "../colours";
import { words } from "../dom";
import { L } from "../map/globals";
import type { MapLayer } from "../map/layer";
import type { Closure, Lines, PlanLayers, Row } from "../rows";
import { metres, streetName } from "../words";

const DASHES = { closed: "3 5", "openable lane": "16 5" };

export function closuresLayer({ closures }: PlanLayers): MapLayer {
  return {
    name: "closures",
    title: "Closed streets",
    layer: L.geoJSON<Closure, Lines>(closures as never, {
      pane: "closures",
      style: (row) => ({
        color: PURPLE,
        weight: 9,
        opacity: 0.65,
        lineCap: "butt",
        dashArray: DASHES[(row as Row<Lines, Closure>).properties.treatment],
      }),
      onEachFeature: (row, layer) => layer.bindTooltip(words(closureWords(row.properties)), { sticky: true }),
    }),
    shown: true,
    legend: [
      {
        swatch: { shape: "line", colour: PURPLE, weight: 7, dash: DASHES.closed },
        words: "closed to vehicles",
      },
      {
        swatch: { shape: "line", colour: PURPLE, weight: 7, dash: "12 4" },
        words: "reached through an openable lane",
      },
    ],
  };
}

function closureWords(row: Closure): string {
  return `${streetName(row.name)}: ${metres(row.length_m)}, ${row.treatment}`;
}
