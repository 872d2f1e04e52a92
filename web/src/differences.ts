// What differs between two plans, in words: units that moved, measures side by side. No page in here.

import type { Change, Comparison, Kind, Measure } from "./types";
import { WHOLE, count, kilojoule, kmh, metres, millimetres, plainKind, squareMetres } from "./words";

const MEASURES: Record<string, string> = {
  standing: "Verdict",
  cost_low: "Cost, at least",
  cost_high: "Cost, at most",
  units: "Units",
  lines: "Lines",
  length: "Length of the lines",
  openable_units: "Units that open",
  openable_wanted: "Openings that were asked for",
  widest_gap: "Widest clear gap",
  hardest_energy: "Hardest hit",
  hardest_speed: "Fastest hit",
  closed_streets: "Streets closed",
  gap_to_bound: "Above the least cost that is possible, share",
  bound: "Least cost that is possible",
  clear_width_taken: "Clear width that units take",
  strip_lost: "Ground lost to run-out",
  failures: "Units whose failure lets somebody in",
  life_cycle_low: "Cost over the years, at least",
  life_cycle_high: "Cost over the years, at most",
  lead_time: "Time to deliver",
  crew_hours: "Work of the crew",
  lorry_trips: "Lorry trips",
  storage: "Ground to store it on",
  failure_speed: "Speed through the worst failure",
  failure_zone_reached: "Zone reached through the worst failure",
  conditions: "Open conditions",
  exits: "Width of the exits",
  engine_distance: "From an opening to the farthest door",
};

const THREE_DIGITS = new Intl.NumberFormat("en", { maximumSignificantDigits: 3 });

const BY_UNIT: Record<string, (value: number) => string> = {
  m: metres,
  mm: millimetres,
  kJ: kilojoule,
  "km/h": kmh,
  m2: squareMetres,
  weeks: (value) => count(value, "week"),
  h: (value) => `${WHOLE.format(value)}\u00a0h`,
  "1": (value) => THREE_DIGITS.format(value),
};

export interface Row {
  name: string;
  before: string;
  after: string;
  isSame: boolean;
}

/** Measures that at least one of the plans has, those that differ first. */
export function rowsOf(measures: Measure[]): Row[] {
  const rows = measures
    .filter(({ before, after }) => before !== null || after !== null)
    .map(({ measure, unit, before, after }) => ({
      name: nameOf(measure),
      before: inWords(before, unit),
      after: inWords(after, unit),
      isSame: before === after,
    }));
  return [...rows.filter(({ isSame }) => !isSame), ...rows.filter(({ isSame }) => isSame)];
}

function nameOf(measure: string): string {
  const [first = "", ...rest] = measure.split(" ");
  if (rest.length && first === "units") return `Units: ${plainKind(rest.join(" "))}`;
  if (rest.length && first === "check") return `Check: ${plainKind(rest.join(" "))}`;
  return MEASURES[measure] ?? plainKind(measure);
}

function inWords(value: number | string | null, unit: string): string {
  if (value === null) return "none";
  if (typeof value === "string") return value;
  const say = BY_UNIT[unit];
  // Any other unit is a currency, and its figures bear three digits.
  return say ? say(value) : `${THREE_DIGITS.format(value)} ${unit}`;
}

const KINDS: Record<Kind, string> = {
  same: "the same",
  moved: "moved",
  "other product": "with another product",
  added: "only here",
  removed: "only there",
};

/** "12 only here, 66 only there": how many units changed in which way. */
export function countsInWords({ units }: Comparison): string {
  const found = Object.entries(KINDS)
    .filter(([kind]) => units[kind])
    .map(([kind, words]) => `${units[kind]} ${words}`);
  return found.length ? `Units: ${found.join(", ")}.` : "Neither has units.";
}

/** "L1-02: moved by 0.4 m" */
export function changeInWords({ unit_before, unit_after, words }: Change): string {
  return `${unit_after || unit_before}: ${words}`;
}
