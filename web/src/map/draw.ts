// A polygon drawn by hand, through Geoman.

import "./globals";
import "@geoman-io/leaflet-geoman-free";
import "@geoman-io/leaflet-geoman-free/dist/leaflet-geoman.css";
import type { Polygon } from "geojson";
import { ZONE_STYLE } from "../layers/zone";
import { L } from "./globals";

/** Let the planner set corners until the polygon is closed; returns how to give up. */
export function drawPolygon(map: L.Map, onDone: (zone: Polygon) => void): () => void {
  const finished = ({ layer }: { layer: L.Layer }) => {
    const { geometry } = (layer as L.Polygon).toGeoJSON();
    layer.remove();
    onDone(geometry as Polygon);
  };
  map.pm.setGlobalOptions({ snappable: false, allowSelfIntersection: true });
  map.once("pm:create", finished);
  map.pm.enableDraw("Polygon", {
    templineStyle: { color: "#00563f" },
    hintlineStyle: { color: "#00563f", dashArray: "5 5" },
    pathOptions: ZONE_STYLE,
    finishOn: "dblclick",
    tooltips: true,
  });
  return () => {
    map.off("pm:create", finished);
    map.pm.disableDraw();
  };
}

/** Let the planner move, add and take away corners; returns how to end it. */
export function editPolygon(map: L.Map, zone: Polygon, onChange: (zone: Polygon) => void): () => void {
  const shape = L.GeoJSON.geometryToLayer({ type: "Feature", geometry: zone, properties: {} }) as L.Polygon;
  shape.setStyle(ZONE_STYLE).addTo(map);
  shape.pm.enable({ snappable: false, allowSelfIntersection: true });
  const changed = () => onChange(shape.toGeoJSON().geometry as Polygon);
  shape.on("pm:edit", changed);
  return () => {
    shape.pm.disable();
    shape.remove();
  };
}
