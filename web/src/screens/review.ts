// The way of a plan through the hands: where it is, who signed, and the steps open to the reader.

import * as client from "../client";
import { h } from "../dom";
import type { Child } from "../dom";
import { nameOf } from "../opened";
import type { Opened } from "../opened";
import { authorsOf, signOffsOf, stepsOf, wayInWords } from "../review";
import type { SignOff } from "../review";
import { roleWords } from "../rights";
import type { Decision, Discipline, PlanState, ReviewState } from "../types";
import { moment } from "../words";
import { living } from "./living";
import type { Take } from "./living";
import { button, field, sureButton, timeOf } from "./parts";

interface Listener {
  onState: (state: PlanState) => void;
  /** Words were left as a comment. */
  onSaid: () => Promise<void>;
}

export function reviewPart(opened: Opened, { onState, onSaid }: Listener): HTMLElement {
  const load = async () => {
    opened.review = await client.reviewState(opened.plan.plan_id);
    onState(opened.review.state);
    return opened.review;
  };
  const part = living("Review", opened.review, load, (review, take) => [
    h(
      "p",
      {},
      wayInWords(review, (id) => nameOf(opened, id), moment),
    ),
    review.state === "approved" && hashOf(review),
    signOffs(opened, review),
    ...stepsFor(opened, review, take, onSaid),
  ]);
  return part.element;
}

function hashOf({ content_hash }: ReviewState): HTMLElement {
  return h("p", { class: "hash" }, "SHA-256 of what was approved: ", h("code", {}, content_hash));
}

function signOffs(opened: Opened, review: ReviewState): HTMLElement {
  const rows = signOffsOf(opened.project?.sign_offs ?? [], review);
  return h(
    "ul",
    { class: "checks sign-offs", "aria-label": "Sign-offs" },
    ...rows.map((row) => signOff(opened, row)),
  );
}

const SAID: Record<Decision, { words: string; className: string }> = {
  signed: { words: "signed", className: "yes" },
  changes_asked: { words: "asked for changes", className: "no" },
};

function signOff(opened: Opened, { discipline, said }: SignOff): HTMLElement {
  if (!said) return h("li", { class: "open" }, h("b", {}, discipline), ": not signed yet");
  const { words, className } = SAID[said.decision];
  return h(
    "li",
    { class: className },
    h("b", {}, discipline),
    `: ${words} by ${nameOf(opened, said.created_by)}, `,
    timeOf(said.created),
    said.text && h("p", { class: "words" }, said.text),
  );
}

function stepsFor(opened: Opened, review: ReviewState, take: Take, onSaid: Listener["onSaid"]): Child[] {
  const { me, plan, proposal, versions } = opened;
  const steps = stepsOf(me, review, authorsOf(proposal, versions));
  const id = plan.plan_id;
  const found = [
    steps.submit &&
      button("Put it before the reviewers", () => void take(() => client.submit(id), "It is in review now.")),
    steps.sign.length > 0 && signForm(id, steps.sign, take),
    steps.decide && decideForm(review, take, onSaid),
    steps.isOwn && h("p", { class: "hint" }, "Your own: somebody else decides on it."),
    steps.takeBack &&
      button("Take it back", () => void take(() => client.takeBack(id), "It is a draft again.")),
  ];
  const isIdle = !found.some(Boolean);
  return [
    ...found,
    isIdle && h("p", { class: "hint" }, `You are ${roleWords(me) || "a guest"} here: no step is yours now.`),
  ];
}

function signForm(planId: string, disciplines: Discipline[], take: Take): HTMLElement {
  const discipline = h(
    "select",
    { id: "discipline" },
    ...disciplines.map((name) => h("option", { value: name }, name)),
  );
  const text = h("textarea", { id: "sign-words", rows: 3, maxlength: 20_000 });
  const say = (decision: Decision, done: string) => {
    text.required = decision === "changes_asked";
    if (!text.reportValidity()) return;
    const said = { discipline: discipline.value as Discipline, decision, text: text.value.trim() };
    void take(() => client.review(planId, said), done);
  };
  const sign = button("Sign off", () => say("signed", "Signed."));
  sign.classList.add("primary");
  return h(
    "div",
    { class: "step" },
    field("You speak for", discipline),
    field("Words to it", text, "Whoever asks for changes says which."),
    h(
      "p",
      { class: "acts" },
      sign,
      button("Ask for changes", () => say("changes_asked", "Changes are asked for.")),
    ),
  );
}

function decideForm(review: ReviewState, take: Take, onSaid: Listener["onSaid"]): HTMLElement {
  const text = h("textarea", { id: "decide-words", rows: 3, maxlength: 20_000, required: true });
  const approve = sureButton(
    "Approve this version",
    "Approve it for good?",
    () => void take(() => client.decide(review, "approved"), "It is approved."),
  );
  approve.classList.add("primary");
  approve.disabled = review.missing.length > 0;
  approve.setAttribute("aria-describedby", "approve-hint");
  const hint = approve.disabled ? "Possible once every sign-off is there." : "It never changes after that.";
  const sendBack = async () => {
    await client.decide(review, "changes_asked", text.value.trim());
    await onSaid();
  };
  return h(
    "div",
    { class: "step" },
    approve,
    h("p", { class: "hint", id: "approve-hint" }, hint),
    field("Or say what is to change", text, "Kept as a comment on this version."),
    button("Ask for changes", () => {
      if (text.reportValidity()) void take(sendBack, "Changes are asked for.");
    }),
  );
}
