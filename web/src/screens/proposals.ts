// What is proposed already: each proposal with its newest version, the newest first.

import type { App } from "../app";
import * as client from "../client";
import { h } from "../dom";
import { STATES } from "../review";
import type { Plan, Problem, Proposal } from "../types";
import { VERDICTS } from "../verdict";
import { costRange, moment } from "../words";
import { heading, problemBox, stateBadge } from "./parts";

const AT_A_TIME = 12;

export function proposalsScreen(app: App, proposals: Proposal[], problem: Problem | null): HTMLElement {
  const list = h("ul", { class: "proposals" });
  const more = h("button", { type: "button", class: "more" }, "Show more");
  const rest = [...proposals];
  const show = () => {
    list.append(...rest.splice(0, AT_A_TIME).map((proposal) => entry(app, proposal)));
    more.hidden = rest.length === 0;
  };
  more.addEventListener("click", show);
  show();
  return h(
    "div",
    {},
    h(
      "div",
      { class: "title" },
      heading("Proposals"),
      app.may("plan") && h("button", { type: "button", onclick: () => void app.begin() }, "Plan anew"),
    ),
    problem && problemBox(problem),
    proposals.length === 0 && h("p", { class: "hint" }, "Nothing is proposed in this project yet."),
    list,
    more,
  );
}

function entry(app: App, proposal: Proposal): HTMLElement {
  const { name, newest, state } = proposal;
  const details = h("p", { class: "hint" }, newest ? "…" : "No version yet.");
  if (newest) fill(details, newest);
  return h(
    "li",
    {},
    h(
      "div",
      { class: "title" },
      h(
        "button",
        { type: "button", class: "link", disabled: !newest, onclick: () => void app.openProposal(proposal) },
        name,
      ),
      state && stateBadge(STATES[state]),
    ),
    details,
  );
}

function fill(details: HTMLElement, planId: string): void {
  client.plan(planId).then(
    (plan) => details.replaceChildren(...figures(plan)),
    (error: Error) => details.replaceChildren(error.message),
  );
}

function figures({ number, verdict, summary, created }: Plan): Node[] {
  const { sign, word, className } = VERDICTS[verdict.standing];
  const { cost } = summary;
  const price = cost.currency ? costRange(cost.low, cost.high, cost.currency) : "no cost";
  return [
    h(
      "span",
      { class: `standing ${className}` },
      h("span", { class: "word" }, h("span", { "aria-hidden": "true" }, `${sign} `), word),
    ),
    h("span", {}, price),
    h("span", {}, `Version ${number}, `, h("time", { datetime: created }, moment(created))),
  ];
}
