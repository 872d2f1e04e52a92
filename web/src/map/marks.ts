// Marks that keep their size: arrow heads, and badges with a rank.

import type { Position } from "geojson";
import { BADGE, ORANGE, PIN, WHITE } from "../colours";
import { svg } from "../dom";
import { cornersOf, middleOf, onScreen } from "../lines";
import type { Line } from "../lines";
import { L } from "./globals";

/** An arrow head at the end of a line; none for a line without length. */
export function arrowHead(line: Line, colour: string): L.Marker[] {
  const corners = cornersOf(line);
  const end = corners.at(-1);
  const before = corners.findLast((corner) => corner[0] !== end?.[0] || corner[1] !== end?.[1]);
  if (!end || !before) return [];
  const [from, to] = [onScreen(before), onScreen(end)];
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
  const middle = middleOf(line);
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

/** A comment: a speech bubble with its number, whose tip is the place. */
export function commentMark(
  at: Position,
  number: number,
  { isSettled, before }: { isSettled: boolean; before: number },
): L.Marker {
  const parts = [bubble(isSettled ? PIN.settled : PIN.open), badgeText(String(number), PIN.line)];
  const icon = L.divIcon({
    html: picture(28, parts),
    className: "comment-mark",
    iconSize: [28, 28],
    iconAnchor: [14 - 24 * before, 28],
  });
  // The list of comments is the way for whoever has no mouse.
  return L.marker(place(at), { icon, pane: "marks", keyboard: false });
}

export function bubble(fill: string): SVGElement {
  return svg("path", {
    d: "M-11 -12 H11 V8 H4 L0 14 L-4 8 H-11 Z",
    fill,
    stroke: PIN.line,
    "stroke-width": 1.5,
    "stroke-linejoin": "round",
  });
}

export function badgeText(words: string, colour = BADGE.text): SVGElement {
  const text = svg("text", {
    y: 3.6,
    "text-anchor": "middle",
    "font-size": 10.5,
    "font-weight": 700,
    fill: colour,
  });
  text.textContent = words;
  return text;
}

function mark(at: Position, size: number, ...parts: SVGElement[]): L.Marker {
  const icon = L.divIcon({ html: picture(size, parts), className: "mark", iconSize: [size, size] });
  return L.marker(place(at), { icon, pane: "marks", interactive: false, keyboard: false });
}

function picture(size: number, parts: SVGElement[]): HTMLElement {
  const half = size / 2;
  const viewBox = `${-half} ${-half} ${size} ${size}`;
  // Leaflet takes any element, its types name the HTML ones only.
  return svg(
    "svg",
    { width: size, height: size, viewBox, "aria-hidden": "true" },
    ...parts,
  ) as Element as HTMLElement;
}

const place = ([longitude, latitude]: Position): L.LatLng =>
  L.latLng(latitude as number, longitude as number);
