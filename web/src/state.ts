// What the page is doing, and what the planner has chosen.

import type { DeskName } from "./desks";
import type { Opened } from "./opened";
import type { SiteLayers } from "./rows";
import type {
  Centre,
  Drive,
  EventDays,
  Extract,
  Frontage,
  Grip,
  Invited,
  Job,
  LayoutName,
  Page,
  Place,
  Problem,
  Progress,
  Proposal,
  Site,
  SiteRequest,
  Zone,
} from "./types";

/** What is shown as the area to protect, before it is a site's zone. */
export type Draft = { zone: Zone } | { centre: Centre; radius_m: number | null } | null;

/** Exactly one of these is on the screen. */
export type Screen =
  | { kind: "opening" }
  | { kind: "sign in"; problem: Problem | null }
  | { kind: "invitation"; secret: string; invited: Invited; problem: Problem | null }
  | { kind: "setup"; problem: Problem | null }
  | { kind: "running"; run: Run }
  | { kind: "proposals"; proposals: Page<Proposal>; problem: Problem | null }
  | { kind: "frontage"; frontage: Frontage }
  | { kind: "plan"; opened: Opened }
  | { kind: "desk"; desk: DeskName }
  | { kind: "trouble"; problem: Problem };

/** Work that is under way. */
export interface Run {
  title: string;
  job: Job | null;
  progress: Progress | null;
  stages: { stage: string; seconds: number }[];
  isConnected: boolean;
  isStopping: boolean;
}

/** Where the map data comes from. */
export type Source = { kind: "place"; place: Place } | { kind: "extract"; extract: Extract };

/** What to protect. */
export type Area =
  | { kind: "own" }
  | { kind: "drawn"; zone: Zone | null }
  | { kind: "square"; centre: Centre | null }
  | { kind: "circle"; centre: Centre | null; radius_m: number };

export interface Choices {
  vehicles: string[];
  layout: LayoutName;
  openable: number;
  country: string | null;
  engine_distance_m: number | null;
  people: number;
  exit_minutes: number;
  second_line: boolean;
  events: EventDays[];
  resolution_m: number;
  headings: number;
  entry_speed_kmh: number | null;
  drive: Drive;
  grip: Grip;
  max_approach_m: number | null;
  speed_limit_kmh: number | null;
  heights_id: string | null;
  margin_m: number;
}

/** The place as it is on the map. */
export interface View {
  site: Site;
  layers: SiteLayers;
}

export interface State {
  source: Source | null;
  view: View | null;
  area: Area;
  choices: Choices;
  /** What the next plan is to be called; empty: as its site. */
  name: string;
  /** The proposal that is planned on, and the zone that its versions share. */
  from: { proposal: Proposal; zone: string } | null;
  /** Whether the next plan is to be a version of that proposal. */
  asVersion: boolean;
}

export const DEFAULT_CHOICES: Choices = {
  vehicles: [],
  layout: "permanent",
  openable: 1,
  country: null,
  engine_distance_m: null,
  people: 0,
  exit_minutes: 8,
  second_line: false,
  events: [],
  resolution_m: 0.5,
  headings: 64,
  entry_speed_kmh: null,
  drive: "detailed",
  grip: "design",
  max_approach_m: null,
  speed_limit_kmh: null,
  heights_id: null,
  margin_m: 250,
};

/** What is drawn on the map for an area that is not yet a site's zone. */
export function draftOf(area: Area): Draft {
  switch (area.kind) {
    case "own":
      return null;
    case "drawn":
      return area.zone && { zone: area.zone };
    case "square":
      return area.centre && { centre: area.centre, radius_m: null };
    case "circle":
      return area.centre && { centre: area.centre, radius_m: area.radius_m };
  }
}

/** The way the service wants to hear where the data comes from. */
export function sourceRequest(source: Source): SiteRequest {
  return source.kind === "place" ? { place: source.place.place } : { extract_id: source.extract.upload_id };
}

/** What to ask the service for; null while the planner has not said what to protect. */
export function siteRequest({ source, area, choices }: State): SiteRequest | null {
  if (!source) return null;
  const common = { ...sourceRequest(source), margin_m: choices.margin_m };
  switch (area.kind) {
    case "own":
      return source.kind === "place" ? common : null;
    case "drawn":
      return area.zone && { ...common, zone: area.zone };
    case "square":
      return area.centre && { ...common, centre: area.centre };
    case "circle":
      return area.centre && { ...common, centre: area.centre, radius_m: area.radius_m };
  }
}

/** The proposal that the next plan becomes a version of; null for one of its own. */
export function versionOf(state: State): Proposal | null {
  return state.asVersion && keepsZone(state) ? (state.from?.proposal ?? null) : null;
}

/** Whether still the zone is asked for that the proposal is about: its versions share it. */
export function keepsZone(state: State): boolean {
  return state.from !== null && state.from.zone === zoneOf(state);
}

/** What is to be protected, as a text that is the same for the same. */
export const zoneOf = (state: State): string => JSON.stringify(siteRequest(state));

// A disc that is only there to have a middle for the map that is looked at.
const LOOK_RADIUS_M = 30;
const LOOK_MARGIN_M = 600;

/** What to ask for to see the surroundings of a point. */
export function around(centre: Centre): SiteRequest {
  return { centre, radius_m: LOOK_RADIUS_M, margin_m: LOOK_MARGIN_M };
}
