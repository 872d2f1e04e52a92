import { expect, test } from "vitest";
import { DEFAULT_CHOICES, siteRequest } from "../src/state";
import type { Area, Source, State } from "../src/state";

const shipped: Source = { kind: "place", place: { place: "rautatientori", name: "Rautatientori" } };
const at = { latitude_deg: 60.1713, longitude_deg: 24.9442 };
const stateWith = (area: Area, source: Source | null = shipped): State => ({
  source,
  view: null,
  area,
  choices: DEFAULT_CHOICES,
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
