// What is to be protected.

import type { GeoJsonObject } from "geojson";
import { ZONE } from "../colours";
import { L } from "../map/globals";
import type { MapLayer } from "../map/layer";

export const ZONE_STYLE: L.PathOptions = {
  color: ZONE.line,
  weight: 2,
  dashArray: "2 5",
  fillColor: ZONE.fill,
  fillOpacity: 0.35,
};

export function zoneLayer(zone: GeoJsonObject): MapLayer {
  return {
    name: "zone",
    title: "Zone to protect",
    layer: L.geoJSON(zone, { pane: "zone", interactive: false, style: ZONE_STYLE }),
    shown: true,
    legend: [
      { swatch: { shape: "area", fill: "#fcf1cf", line: ZONE.line }, words: "no hostile vehicle may get in" },
    ],
  };
}
