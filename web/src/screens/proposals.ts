// What is proposed already: each proposal with its newest version, the newest first.

import type { App } from "../app";
import * as client from "../client";
import { h } from "../dom";
import type { Child } from "../dom";
import { STATES } from "../review";
import type { CostRange, Page, Problem, Proposal } from "../types";
import { VERDICTS } from "../verdict";
import { costRange } from "../words";
import { paged } from "./paged";
import { heading, problemBox, stateBadge, timeOf } from "./parts";

export function proposalsScreen(app: App, proposals: Page<Proposal>, problem: Problem | null): HTMLElement {
  const list = paged(proposals, client.more<Proposal>, (proposal) => entry(app, proposal));
  list.rows.className = "proposals";
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
    proposals.items.length === 0 && h("p", { class: "hint" }, "Nothing is proposed in this project yet."),
    list.element,
  );
}

function entry(app: App, proposal: Proposal): HTMLElement {
  const { name, newest, state } = proposal;
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
    h("p", { class: "hint" }, ...figures(proposal)),
  );
}

function figures({ number, standing, cost, created }: Proposal): Child[] {
  if (number === null) return ["No version yet."];
  return [
    standing && standingWords(standing),
    h("span", {}, priceOf(cost)),
    h("span", {}, `Version ${number}`),
    h("span", {}, "begun ", timeOf(created)),
  ];
}

function standingWords(standing: NonNullable<Proposal["standing"]>): HTMLElement {
  const { sign, word, className } = VERDICTS[standing];
  return h(
    "span",
    { class: `standing ${className}` },
    h("span", { class: "word" }, h("span", { "aria-hidden": "true" }, `${sign} `), word),
  );
}

const priceOf = (cost: CostRange | null): string =>
  cost?.currency ? costRange(cost.low, cost.high, cost.currency) : "no cost";
