// Marks that keep their size: arrow heads, and badges with a rank.

import type { LineString, MultiLineString, Position } from "geojson";
import { BADGE, ORANGE, WHITE } from "../colours";
import { svg } from "../dom";
import { L } from "./globals";

type Line = LineString | MultiLineString;

/** An arrow head at the end of a line; none for a line without length. */
export function arrowHead(line: Line, colour: string): L.Marker[] {
  const corners = cornersOf(line);
  const end = corners.at(-1);
  const before = corners.findLast((corner) => corner[0] !== end?.[0] || corner[1] !== end?.[1]);
  if (!end || !before) return [];
  const [from, to] = [project(before), project(end)];
  const turn_deg = (Math.atan2(to.y - from.y, to.x - from.x) * 180) / Math.PI;
  const head = svg("path", {
    d: "M9 0 L-7 7 L-3 0 L-7 -7 Z",
    fill: colour,
    stroke: WHITE,
    "stroke-width": 1.2,
    transform: `rotate(${turn_deg})`,
  });
  return [mark(end, 20, head)];
}

/** The rank of a line on a dark disc, where lines of one place have parted: in their middle. */
export function rankBadge(line: Line, rank: number): L.Marker[] {
  const middle = middleOf(cornersOf(line));
  if (!middle) return [];
  const disc = svg("circle", { r: 9, fill: BADGE.fill, stroke: BADGE.text, "stroke-width": 1.2 });
  return [mark(middle, 20, disc, badgeText(String(rank)))];
}

/** A crossing that opens. */
export function gateMark([longitude, latitude]: [number, number]): L.Marker {
  return mark([longitude, latitude], 22, ...gateParts());
}

export function gateParts(): SVGElement[] {
  const diamond = svg("path", {
    d: "M0 -9.5 L9.5 0 L0 9.5 L-9.5 0 Z",
    fill: WHITE,
    stroke: ORANGE,
    "stroke-width": 2.5,
  });
  const arrows = svg("path", {
    d: "M0 -5 V5 M-2 -3 L0 -5 L2 -3 M-2 3 L0 5 L2 3",
    fill: "none",
    stroke: BADGE.fill,
    "stroke-width": 1.4,
  });
  return [diamond, arrows];
}

export function badgeText(words: string): SVGElement {
  const text = svg("text", {
    y: 3.6,
    "text-anchor": "middle",
    "font-size": 10.5,
    "font-weight": 700,
    fill: BADGE.text,
  });
  text.textContent = words;
  return text;
}

function mark([longitude, latitude]: Position, size: number, ...parts: SVGElement[]): L.Marker {
  const half = size / 2;
  const picture = svg(
    "svg",
    { width: size, height: size, viewBox: `${-half} ${-half} ${size} ${size}`, "aria-hidden": "true" },
    ...parts,
  );
  // Leaflet takes any element, its types name the HTML ones only.
  const html = picture as Element as HTMLElement;
  const icon = L.divIcon({ html, className: "mark", iconSize: [size, size] });
  const at = L.latLng(latitude as number, longitude as number);
  return L.marker(at, { icon, pane: "marks", interactive: false, keyboard: false });
}

function middleOf(corners: Position[]): Position | null {
  const places = corners.map(project);
  const steps = places.slice(1).map((to, index) => to.distanceTo(places[index] as L.Point));
  let rest = steps.reduce((sum, step) => sum + step, 0) / 2;
  for (const [index, step] of steps.entries()) {
    if (rest <= step && step > 0) {
      const [from, to] = [corners[index] as number[], corners[index + 1] as number[]];
      return [0, 1].map((axis) => from[axis]! + ((to[axis]! - from[axis]!) * rest) / step);
    }
    rest -= step;
  }
  return null;
}

const cornersOf = (line: Line): Position[] =>
  line.type === "LineString" ? line.coordinates : line.coordinates.flat();

// Directions on the screen are those of the map's own projection.
function project([longitude, latitude]: Position): L.Point {
  return L.CRS.EPSG3857.latLngToPoint(L.latLng(latitude as number, longitude as number), 20);
}
