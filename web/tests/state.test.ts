import { expect, test } from "vitest";
import { DEFAULT_CHOICES, siteRequest, versionOf, zoneOf } from "../src/state";
import type { Area, Source, State } from "../src/state";
import type { Proposal } from "../src/types";

const shipped: Source = { kind: "place", place: { place: "rautatientori", name: "Rautatientori" } };
const at = { latitude_deg: 60.1713, longitude_deg: 24.9442 };
const stateWith = (area: Area, source: Source | null = shipped): State => ({
  source,
  view: null,
  area,
  choices: DEFAULT_CHOICES,
  name: "",
  from: null,
  asVersion: true,
});

test("a shipped place is asked for with its own square", () => {
  expect(siteRequest(stateWith({ kind: "own" }))).toEqual({ place: "rautatientori", margin_m: 250 });
});

test("nothing is asked for until the planner has said where", () => {
  expect(siteRequest(stateWith({ kind: "drawn", zone: null }))).toBeNull();
  expect(siteRequest(stateWith({ kind: "square", centre: null }))).toBeNull();
  expect(siteRequest(stateWith({ kind: "own" }, null))).toBeNull();
});

test("a mapped square is a centre without a radius, a circle one with", () => {
  expect(siteRequest(stateWith({ kind: "square", centre: at }))).toEqual({
    place: "rautatientori",
    margin_m: 250,
    centre: at,
  });
  expect(siteRequest(stateWith({ kind: "circle", centre: at, radius_m: 40 }))).toMatchObject({
    centre: at,
    radius_m: 40,
  });
});

test("the next plan is a version only while its zone is the proposal's, and only if it is wished", () => {
  const circle = (radius_m: number): Area => ({ kind: "circle", centre: at, radius_m });
  const proposal = { proposal_id: "proposal-1" } as Proposal;
  const from = { proposal, zone: zoneOf(stateWith(circle(40))) };
  expect(versionOf({ ...stateWith(circle(40)), from })).toBe(proposal);
  expect(versionOf({ ...stateWith(circle(41)), from })).toBeNull();
  expect(versionOf({ ...stateWith(circle(40)), from, asVersion: false })).toBeNull();
  expect(versionOf(stateWith(circle(40)))).toBeNull();
});
