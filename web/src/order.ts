// What is drawn above what, lowest first.

export const ORDER = [
  "study",
  "water",
  "buildings",
  "streets",
  "furniture",
  "names",
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

// Leaflet's own lines are at 400 and its markers at 600: what is being drawn lies above all this.
export const depth = (pane: PaneName): number => 210 + 10 * ORDER.indexOf(pane);
