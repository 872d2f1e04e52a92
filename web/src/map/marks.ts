// Marks that keep their size: arrow heads with a number.

import type { LineString, MultiLineString, Position } from "geojson";
import { svg } from "../dom";
import { L } from "./globals";

/** An arrow head with its rank at the end of a line; null for a line without length. */
export function arrowHead(
  line: LineString | MultiLineString,
  colour: string,
  label: string,
): L.Marker | null {
  const corners: Position[] = line.type === "LineString" ? line.coordinates : line.coordinates.flat();
  const end = corners.at(-1);
  const before = corners.findLast((corner) => corner[0] !== end?.[0] || corner[1] !== end?.[1]);
  if (!end || !before) return null;
  const [from, to] = [project(before), project(end)];
  const turn_deg = (Math.atan2(to.y - from.y, to.x - from.x) * 180) / Math.PI;
  const picture = svg(
    "svg",
    { width: 26, height: 26, viewBox: "-13 -13 26 26", "aria-hidden": "true" },
    svg("path", {
      d: "M12 0 L-8 9 L-4 0 L-8 -9 Z",
      fill: colour,
      stroke: "#ffffff",
      "stroke-width": 1.5,
      transform: `rotate(${turn_deg})`,
    }),
    rankLabel(label),
  );
  const icon = L.divIcon({
    html: picture as unknown as HTMLElement,
    className: "arrow-head",
    iconSize: [26, 26],
  });
  return L.marker([end[1] as number, end[0] as number], {
    icon,
    pane: "marks",
    interactive: false,
    keyboard: false,
  });
}

function rankLabel(words: string): SVGElement {
  const text = svg("text", {
    x: 0,
    y: 3.5,
    "text-anchor": "middle",
    "font-size": 10,
    "font-weight": 700,
    fill: "#ffffff",
  });
  text.textContent = words;
  return text;
}

// Directions on the screen are those of the map's own projection.
function project(corner: Position): L.Point {
  return L.CRS.EPSG3857.latLngToPoint(L.latLng(corner[1] as number, corner[0] as number), 20);
}
