import { expect, test } from "vitest";
import { authorsOf, signOffsOf, stepsOf, wayInWords } from "../src/review";
import type { Me } from "../src/rights";
import type { Plan, Proposal, Review, ReviewState } from "../src/types";

const HASH = "a".repeat(64);
const me = (role: Me["role"], more: Partial<Me> = {}): Me => ({
  user_id: "user-me",
  is_administrator: false,
  role,
  disciplines: [],
  ...more,
});
const state = (more: Partial<ReviewState> = {}): ReviewState => ({
  plan_id: "plan-1",
  state: "in_review",
  content_hash: HASH,
  submitted: "2027-05-03T10:00:00Z",
  submitted_by: "user-planner",
  decided: null,
  decided_by: null,
  missing: ["police"],
  reviews: [],
  ...more,
});
const said = (more: Partial<Review>): Review => ({
  review_id: "review-1",
  discipline: "fire",
  decision: "signed",
  text: "",
  content_hash: HASH,
  created: "2027-05-03T11:00:00Z",
  created_by: "user-fiona",
  ...more,
});
const NONE = { submit: false, takeBack: false, sign: [], decide: false, isOwn: false };

test("a planner submits a draft and takes back what is in review, and nothing else", () => {
  expect(stepsOf(me("planner"), state({ state: "draft" }), [])).toEqual({ ...NONE, submit: true });
  expect(stepsOf(me("planner"), state(), [])).toEqual({ ...NONE, takeBack: true });
  expect(stepsOf(me("planner"), state({ state: "approved" }), [])).toEqual(NONE);
});

test("a reviewer speaks for his own disciplines while a plan is in review", () => {
  const fiona = me("reviewer", { disciplines: ["fire", "heritage"] });
  expect(stepsOf(fiona, state(), [])).toEqual({ ...NONE, sign: ["fire", "heritage"] });
  expect(stepsOf(fiona, state({ state: "changes_asked" }), [])).toEqual(NONE);
});

test("an approver decides, but not on what he made or submitted himself", () => {
  expect(stepsOf(me("approver"), state(), ["user-planner"])).toEqual({ ...NONE, decide: true });
  expect(stepsOf(me("approver"), state(), ["user-me"])).toEqual({ ...NONE, isOwn: true });
  expect(stepsOf(me("approver"), state({ submitted_by: "user-me" }), [])).toEqual({ ...NONE, isOwn: true });
});

test("who administers plans, but neither signs nor approves without a role", () => {
  const anna = me(null, { is_administrator: true });
  expect(stepsOf(anna, state({ state: "draft" }), [])).toEqual({ ...NONE, submit: true });
  expect(stepsOf(anna, state(), [])).toEqual({ ...NONE, takeBack: true });
});

test("a viewer and a private operator have no steps", () => {
  for (const role of ["viewer", "private_operator"] as const)
    for (const now of ["draft", "in_review"] as const)
      expect(stepsOf(me(role), state({ state: now }), [])).toEqual(NONE);
});

test("the authors are whoever made any of it", () => {
  const plans = [{ created_by: "user-b" }, { created_by: null }] as Plan[];
  expect(authorsOf({ created_by: "user-a" } as Proposal, plans)).toEqual(["user-a", "user-b", null]);
});

test("the last word of a discipline counts, and only on this content", () => {
  const reviews = [
    said({ decision: "signed" }),
    said({ decision: "changes_asked", text: "Too narrow." }),
    said({ discipline: "police", content_hash: "b".repeat(64) }),
    said({ discipline: "heritage" }),
  ];
  const found = signOffsOf(["police", "fire"], state({ reviews }));
  expect(found.map(({ discipline, said: review }) => [discipline, review?.text ?? null])).toEqual([
    ["police", null],
    ["fire", "Too narrow."],
    ["heritage", ""],
  ]);
});

test("the way of a plan is told with who and when", () => {
  const who = (id: string | null) => id ?? "nobody";
  const when = () => "3 May";
  expect(wayInWords(state(), who, when)).toBe(
    "Put before the reviewers by user-planner on 3 May. Not signed yet by police.",
  );
  expect(wayInWords(state({ missing: [] }), who, when)).toContain("Every sign-off is there");
  const approved = state({ state: "approved", decided: "2027-05-04T10:00:00Z", decided_by: "user-amir" });
  expect(wayInWords(approved, who, when)).toContain("Approved by user-amir on 3 May.");
});
