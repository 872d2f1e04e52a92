// Where a plan is on its way, in words, and which steps are open to somebody. No page in here.

import { may } from "./rights";
import type { Me } from "./rights";
import type { Discipline, Plan, PlanState, Proposal, Review, ReviewState } from "./types";

export const STATES: Record<PlanState, { word: string; className: string }> = {
  draft: { word: "Draft", className: "draft" },
  in_review: { word: "In review", className: "in-review" },
  changes_asked: { word: "Changes asked", className: "changes-asked" },
  approved: { word: "Approved", className: "approved" },
};

/** The steps that a person's role allows in the state that a plan is in. */
export interface Steps {
  submit: boolean;
  takeBack: boolean;
  /** Disciplines to speak for. */
  sign: Discipline[];
  /** To approve or to ask for changes. */
  decide: boolean;
  /** He would decide, but somebody else has to. */
  isOwn: boolean;
}

export function stepsOf(me: Me, { state, submitted_by }: ReviewState, authors: (string | null)[]): Steps {
  const isOpen = state === "in_review";
  const isOwn = authors.includes(me.user_id) || submitted_by === me.user_id;
  const decides = isOpen && may(me, "approve");
  return {
    submit: state === "draft" && may(me, "plan"),
    takeBack: isOpen && may(me, "plan"),
    sign: isOpen && may(me, "review") ? me.disciplines : [],
    decide: decides && !isOwn,
    isOwn: decides && isOwn,
  };
}

/** Everybody who made a version of a proposal: none of them approves it. */
export function authorsOf(proposal: Proposal, versions: Plan[]): (string | null)[] {
  return [proposal.created_by, ...versions.map((plan) => plan.created_by)];
}

export interface SignOff {
  discipline: Discipline;
  /** Its last word on this very content. */
  said: Review | null;
}

/** What each discipline said last: first those that an approval needs, then the others. */
export function signOffsOf(needed: Discipline[], { reviews, content_hash }: ReviewState): SignOff[] {
  const last = new Map<Discipline, Review>();
  for (const review of reviews) if (review.content_hash === content_hash) last.set(review.discipline, review);
  const others = [...last.keys()].filter((discipline) => !needed.includes(discipline));
  return [...needed, ...others].map((discipline) => ({ discipline, said: last.get(discipline) ?? null }));
}

/** The way of a plan in a sentence or two; `who` names people, `when` writes moments. */
export function wayInWords(
  review: ReviewState,
  who: (userId: string | null) => string,
  when: (moment: string) => string,
): string {
  const at = (moment: string | null) => (moment ? ` on ${when(moment)}` : "");
  switch (review.state) {
    case "draft":
      return "A draft: nobody has been asked for a sign-off yet.";
    case "in_review":
      return `Put before the reviewers by ${who(review.submitted_by)}${at(review.submitted)}. ${waitsFor(review.missing)}`;
    case "changes_asked":
      return `${who(review.decided_by)} asked for changes${at(review.decided)}. Plan again: the next version begins as a draft.`;
    case "approved":
      return `Approved by ${who(review.decided_by)}${at(review.decided)}. It never changes; whoever plans on makes a new draft.`;
  }
}

function waitsFor(missing: Discipline[]): string {
  return missing.length
    ? `Not signed yet by ${missing.join(", ")}.`
    : "Every sign-off is there: an approver can decide.";
}
