// Every colour of the map and the page's signs; `styles/` has those of the paper around them.
//
// Lines and marks take the eight colours of Okabe and Ito ("Color Universal Design", 2008), speeds
// take viridis, dark for fast: its lightness alone tells the order. Colour never stands alone:
// widths, dashes, shapes and words say the same. The folium map uses the same two sets.

export const BLACK = "#000000";
export const ORANGE = "#e69f00";
export const SKY = "#56b4e9";
export const GREEN = "#009e73";
export const VERMILION = "#d55e00";
export const PURPLE = "#cc79a7";
export const WHITE = "#ffffff";

export const PAPER = { ground: "#fbfaf7", rim: "#8b8b8b" };
export const BUILDING = { fill: "#d8d3c8", line: "#b3ac9d" };
export const WALL = { fill: "#8d877b", line: "#8d877b" };
export const WATER = { fill: "#cfe3ee", line: "#9fc3d8" };
export const STREET = { open: "#8f959b", closable: "#c3c7cb" };
export const FURNITURE = "#8aa08a";
export const ZONE = { fill: "#f5d77a", line: BLACK };
export const PIN = { open: SKY, settled: WHITE, line: BLACK };
export const BADGE = { fill: "#1a1a1a", text: WHITE };

// Upper ends of the speed classes [km/h]: impact speeds at which barriers are tested (ISO 22343-1).
export const SPEED_STEPS_KMH = [32, 48, 64, 80, 96, 112] as const;
export const SPEED_COLOURS = [
  "#dfe318",
  "#75d054",
  "#2ab07f",
  "#238a8d",
  "#32648e",
  "#453781",
  "#440154",
] as const;
export const NOT_REACHED = "#9a9a9a";

/** Class of a speed: 0 for none, then 1 to 7 upwards; a speed on a step is in the class below it. */
export function speedClass(speed_kmh: number): number {
  if (!(speed_kmh > 0)) return 0;
  const above = SPEED_STEPS_KMH.findIndex((step) => speed_kmh <= step);
  return above < 0 ? SPEED_STEPS_KMH.length + 1 : above + 1;
}

export const speedColour = (group: number): string => SPEED_COLOURS[group - 1] ?? NOT_REACHED;

/** Faster is also wider. */
export const speedWeight = (group: number): number => 3 + group;

export function speedWords(group: number): string {
  const [low, high] = [SPEED_STEPS_KMH[group - 2], SPEED_STEPS_KMH[group - 1]];
  if (group === 0) return "not reached";
  if (low === undefined) return `up to ${high} km/h`;
  return high === undefined ? `over ${low} km/h` : `${low} to ${high} km/h`;
}
