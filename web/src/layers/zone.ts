// What is to be protected.

import type { GeoJsonObject } from "geojson";
import { GREEN } from "../colours";
import { L } from "../map/globals";
import type { MapLayer } from "../map/layer";

export const ZONE_STYLE: L.PathOptions = {
  color: "#00563f",
  weight: 2.5,
  dashArray: "8 4",
  fillColor: GREEN,
  fillOpacity: 0.14,
};

export function zoneLayer(zone: GeoJsonObject): MapLayer {
  return {
    name: "zone",
    title: "Zone to protect",
    layer: L.geoJSON(zone, { pane: "zone", interactive: false, style: ZONE_STYLE }),
    shown: true,
    legend: [
      { swatch: { shape: "area", fill: "#d5efe7", line: "#00563f" }, words: "no hostile vehicle may get in" },
    ],
  };
}
