import { expect, test } from "vitest";
import type { PlanLayers } from "../src/rows";
import { isAnswered, placeOf, threadsOf } from "../src/threads";
import type { Comment } from "../src/types";

const comment = (comment_id: string, more: Partial<Comment> = {}): Comment => ({
  comment_id,
  plan_id: "plan-1",
  answers: null,
  text: comment_id,
  place: null,
  line_id: null,
  audience: "restricted",
  is_resolved: false,
  created: "2027-05-03T10:00:00Z",
  created_by: "user-a",
  revision: 1,
  ...more,
});
const layers = {
  barriers: {
    type: "FeatureCollection",
    features: [
      {
        type: "Feature",
        geometry: {
          type: "LineString",
          coordinates: [
            [24, 60],
            [26, 60],
          ],
        },
        properties: { line_id: "L1" },
      },
    ],
  },
} as unknown as Pick<PlanLayers, "barriers">;

test("an answer to an answer stands in the thread of the first comment", () => {
  const all = [
    comment("a"),
    comment("b"),
    comment("c", { answers: "a" }),
    comment("d", { answers: "c" }),
    comment("e", { answers: "gone" }),
  ];
  const found = threadsOf(all).map(({ number, first, answers }) => [
    number,
    first.text,
    answers.map(({ text }) => text),
  ]);
  expect(found).toEqual([
    [1, "a", ["c", "d"]],
    [2, "b", []],
    [3, "e", []],
  ]);
  expect(isAnswered(all[0]!, all)).toBe(true);
  expect(isAnswered(all[1]!, all)).toBe(false);
});

test("a comment is pinned to its place, or to the middle of its barrier, or nowhere", () => {
  const place = { type: "Point" as const, coordinates: [24.5, 60.5] };
  expect(placeOf(comment("a", { place, line_id: "L1" }), layers)).toEqual([24.5, 60.5]);
  expect(placeOf(comment("a", { line_id: "L1" }), layers)).toEqual([25, 60]);
  expect(placeOf(comment("a", { line_id: "L9" }), layers)).toBeNull();
  expect(placeOf(comment("a"), layers)).toBeNull();
});
