// The clear widths that keep the vehicle out: the judge's certificate.

import { SKY } from "../colours";
import { words } from "../dom";
import { L } from "../map/globals";
import type { MapLayer } from "../map/layer";
import type { Gap, Lines, PlanLayers } from "../rows";
import { millimetres } from "../words";

export function gapsLayer({ gaps }: PlanLayers): MapLayer {
  return {
    name: "gaps",
    title: "Clear gaps",
    layer: L.geoJSON<Gap, Lines>(gaps as never, {
      pane: "gaps",
      style: { color: SKY, weight: 3 },
      onEachFeature: (row, layer) =>
        layer.bindTooltip(words(`Clear gap of ${millimetres(row.properties.width_mm)}`)),
    }),
    shown: true,
    legend: [
      {
        swatch: { shape: "line", colour: SKY, weight: 3 },
        words: "people and wheelchairs pass, the vehicle does not",
      },
    ],
  };
}
