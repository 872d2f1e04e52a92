// An open plan: whose version it is, its state, and behind tabs its figures, review, comments, copies.

import type { App } from "../app";
import { h } from "../dom";
import type { Opened } from "../opened";
import { STATES } from "../review";
import { placeOf, threadsOf } from "../threads";
import type { Comment, PlanState } from "../types";
import { moment } from "../words";
import { commentsPart } from "./comments";
import { comparePart } from "./compare";
import type { Compare } from "./compare";
import { copiesPart } from "./copies";
import { namePart } from "./name";
import { backButton, stateBadge } from "./parts";
import { resultPart } from "./result";
import { reviewPart } from "./review";
import { tabs } from "./tabs";

export function planScreen(app: App, opened: Opened): HTMLElement {
  const state = h("span", {});
  const showState = (now: PlanState) => state.replaceChildren(stateBadge(STATES[now]));
  const talk = commentsPart(app, opened, (comments) => showComments(comments));
  let compare: Compare | null = null;
  const review = () => reviewPart(opened, { onState: showState, onSaid: talk.renew });
  const parts = tabs(
    "This version",
    [
      { name: "plan", title: "Plan", show: () => resultPart(app, opened) },
      { name: "review", title: "Review", show: review },
      { name: "comments", title: "Comments", show: () => talk.element },
      { name: "copies", title: "Copies", show: () => copiesPart(opened) },
      { name: "compare", title: "Compare", show: () => (compare = comparePart(app, opened)).element },
    ],
    (chosen) => {
      app.tab = chosen;
      if (chosen === "comments") talk.enter();
      else talk.leave();
      if (chosen === "compare") compare?.enter();
      else compare?.leave();
    },
  );
  const showComments = (comments: Comment[]) => {
    const open = threadsOf(comments).filter(({ first }) => !first.is_resolved).length;
    parts.retitle("comments", open ? `Comments (${open})` : "Comments");
    showPins(app, opened, comments, (comment) => {
      parts.choose("comments");
      talk.find(comment);
    });
  };
  showState(opened.review.state);
  showComments(opened.comments);
  parts.choose(app.tab);
  return h(
    "div",
    { class: "plan" },
    backButton(app),
    namePart(opened, app.may("plan")),
    h("div", { class: "version" }, versionSelect(app, opened), state),
    parts.element,
  );
}

function versionSelect(app: App, { versions, plan }: Opened): HTMLElement {
  const select = h(
    "select",
    { "aria-label": "Version", onchange: () => void app.openVersion(select.value) },
    ...versions.map(({ plan_id, number, created }) =>
      h("option", { value: plan_id }, `Version ${number}, ${moment(created)}`),
    ),
  );
  select.value = plan.plan_id;
  return select;
}

function showPins(app: App, { layers }: Opened, comments: Comment[], find: (comment: Comment) => void): void {
  const pins = threadsOf(comments).flatMap(({ number, first }) => {
    const at = placeOf(first, layers);
    const { text: words, is_resolved: isSettled } = first;
    return at ? [{ number, at, words, isSettled, onChosen: () => find(first) }] : [];
  });
  app.map.showComments(pins);
}
