// Doors that a fire engine must reach.

import { BLACK, WHITE } from "../colours";
import { words } from "../dom";
import { L } from "../map/globals";
import type { MapLayer } from "../map/layer";
import type { SiteLayers } from "../rows";

export function demandsLayer({ demands }: SiteLayers): MapLayer {
  return {
    name: "demands",
    title: "Doors for fire engines",
    layer: L.geoJSON(demands, {
      pane: "demands",
      pointToLayer: (row, at) =>
        L.circleMarker(at, {
          pane: "demands",
          radius: 5,
          color: BLACK,
          weight: 2,
          fillColor: WHITE,
          fillOpacity: 1,
        }).bindTooltip(words(String(row.properties.name))),
    }),
    shown: true,
    legend: [{ swatch: { shape: "dot", fill: WHITE, line: BLACK }, words: "a fire engine must get here" }],
  };
}
