// What is drawn above what, lowest first.

export const ORDER = [
  "study",
  "water",
  "buildings",
  "streets",
  "furniture",
  "zone",
  "closures",
  "corridors",
  "perimeter",
  "gaps",
  "barriers",
  "units",
  "demands",
  "marks",
] as const;

export type PaneName = (typeof ORDER)[number];

// Leaflet's own lines are at 400 and its markers at 600; drawing goes on between ours and those.
export const depth = (pane: PaneName): number => 410 + 10 * ORDER.indexOf(pane);
