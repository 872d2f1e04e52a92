// Lines on the map: their corners, and their middle as it is seen.

import type { LineString, MultiLineString, Position } from "geojson";

export type Line = LineString | MultiLineString;

export const cornersOf = (line: Line): Position[] =>
  line.type === "LineString" ? line.coordinates : line.coordinates.flat();

/** The point half-way along a line; null for one without length. */
export function middleOf(line: Line): Position | null {
  const corners = cornersOf(line);
  const steps = corners.slice(1).map((to, index) => distance(corners[index] as Position, to));
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

function distance(from: Position, to: Position): number {
  const [one, other] = [onScreen(from), onScreen(to)];
  return Math.hypot(other.x - one.x, other.y - one.y);
}

/** Where a place lies on the screen, but for size: directions there are those of Web Mercator. */
export function onScreen([longitude, latitude]: Position): { x: number; y: number } {
  const radians = (angle_deg: number) => (angle_deg * Math.PI) / 180;
  return { x: radians(longitude as number), y: -Math.asinh(Math.tan(radians(latitude as number))) };
}
