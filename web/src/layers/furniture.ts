// Trees, lamps, benches, bollards that nobody tested: vehicles drive through them.

import { FURNITURE } from "../colours";
import { L } from "../map/globals";
import type { MapLayer } from "../map/layer";
import type { SiteLayers } from "../rows";

export function furnitureLayer({ furniture }: SiteLayers): MapLayer {
  const renderer = L.canvas({ pane: "furniture" });
  const look = { color: FURNITURE, fillColor: FURNITURE, weight: 1, fillOpacity: 0.6, renderer };
  const options: L.GeoJSONOptions & { renderer: L.Renderer } = {
    pane: "furniture",
    interactive: false,
    renderer,
    style: look,
    pointToLayer: (_, at) =>
      L.circleMarker(at, { ...look, pane: "furniture", radius: 1.5, interactive: false }),
  };
  return {
    name: "furniture",
    title: "Trees and furniture",
    layer: L.geoJSON(furniture, options),
    shown: true,
    legend: [
      {
        swatch: { shape: "dot", fill: FURNITURE, line: FURNITURE },
        words: "not counted on to stop a vehicle",
      },
    ],
  };
}
