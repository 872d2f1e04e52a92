// This version beside another plan of the project: measures side by side, units on the map.

import type { App } from "../app";
import * as client from "../client";
import { problemOf } from "../client";
import { changeInWords, countsInWords, rowsOf } from "../differences";
import type { Row } from "../differences";
import { announce, h } from "../dom";
import type { Opened } from "../opened";
import type { PlanLayers } from "../rows";
import type { Change, Comparison } from "../types";
import { count } from "../words";
import { field, refusalBox } from "./parts";
import { table } from "./table";

const OTHERS = 100;

export interface Compare {
  element: HTMLElement;
  /** What differs is on the map only while it is in sight. */
  enter: () => void;
  leave: () => void;
}

interface Found {
  comparison: Comparison;
  there: PlanLayers["footprints"];
  name: string;
}

export function comparePart(app: App, opened: Opened): Compare {
  let found: Found | null = null;
  const result = h("div", { class: "result" });
  const show = () => {
    const { footprints } = opened.layers;
    app.map.showDifferences(
      found && { changes: found.comparison.changes, here: footprints, there: found.there },
    );
  };
  const select = h("select", { id: "other-plan", required: true });
  const go = h("button", { type: "submit", class: "primary" }, "Compare");
  const ask = async () => {
    go.disabled = true;
    result.replaceChildren(h("p", { class: "hint" }, "Comparing …"));
    try {
      const comparison = await compared(opened, select.value);
      const { footprints: there } = await client.footprints(await client.plan(select.value));
      found = { comparison, there, name: select.selectedOptions[0]?.textContent ?? "" };
      result.replaceChildren(...resultOf(app, opened, found));
      if (result.isConnected && result.checkVisibility()) show();
      announce(`${found.name}: ${countsInWords(comparison)}`);
    } catch (error) {
      result.replaceChildren(refusalBox(problemOf(error)));
    }
    go.disabled = false;
  };
  const form = h(
    "form",
    {
      onsubmit: (event) => {
        event.preventDefault();
        void ask();
      },
    },
    field("Compare this version with", select),
    h("p", { class: "acts" }, go),
  );
  const fill = async () => {
    select.replaceChildren(...(await choices(app, opened)));
    go.disabled = !select.options.length;
    if (go.disabled) form.replaceChildren("There is no other plan in this project yet.");
  };
  void fill().catch((error: unknown) => result.replaceChildren(refusalBox(problemOf(error))));
  return {
    element: h("div", { class: "result" }, form, result),
    enter: show,
    leave: () => app.map.showDifferences(null),
  };
}

/** The versions of its proposal, the one before first, then the newest of every other proposal. */
async function choices(app: App, { plan, proposal, versions }: Opened): Promise<HTMLElement[]> {
  const before = versions.filter(({ number }) => number < plan.number);
  const after = versions.filter(({ number }) => number > plan.number);
  const { items } = await client.proposals(app.project?.project_id ?? "", OTHERS);
  const others = items.filter((other) => other.proposal_id !== proposal.proposal_id && other.newest);
  return [
    ...[...before, ...after].map(({ plan_id, number }) =>
      h("option", { value: plan_id }, `${proposal.name}, version ${number}`),
    ),
    ...others.map(({ newest, name, number }) => h("option", { value: newest }, `${name}, version ${number}`)),
  ];
}

/** What was compared already is not compared again: plans never change. */
async function compared({ plan }: Opened, other: string): Promise<Comparison> {
  const known = await client.comparisons(plan.project_id, OTHERS);
  const same = known.items.find(({ plan_a, plan_b }) => plan_a === other && plan_b === plan.plan_id);
  return same ?? client.compare(plan.project_id, other, plan.plan_id);
}

function resultOf(app: App, { layers }: Opened, { comparison, there, name }: Found): HTMLElement[] {
  const rows = rowsOf(comparison.measures);
  const same = rows.filter(({ isSame }) => isSame);
  const changes = comparison.changes.filter(({ change }) => change !== "same");
  const find = ({ unit_before, unit_after }: Change) => {
    const { features } = unit_after ? layers.footprints : there;
    return features.find(({ properties }) => properties.unit_id === (unit_after || unit_before));
  };
  return [
    h("p", {}, `From ${name} to this version. ${countsInWords(comparison)}`),
    measures(
      "What differs",
      rows.filter(({ isSame }) => !isSame),
    ),
    h(
      "details",
      {},
      h("summary", {}, `${count(same.length, "measure")} the same`),
      measures("The same", same),
    ),
    table(
      "Units that differ",
      ["Unit", "What became of it"],
      changes.map((change) => ({
        name: change.unit_after || change.unit_before,
        cells: [change.words],
        show: () => {
          app.map.highlight(find(change) ?? null);
          announce(`On the map: ${changeInWords(change)}`);
        },
      })),
      "Every unit is the same.",
    ),
  ];
}

function measures(title: string, rows: Row[]): HTMLElement {
  const line = ({ name, before, after }: Row) =>
    h("tr", {}, h("th", { scope: "row" }, name), h("td", {}, before), h("td", {}, after));
  const column = (name: string) => h("th", { scope: "col" }, name);
  return h(
    "div",
    { class: "table" },
    rows.length === 0 && h("p", { class: "hint" }, "No measure."),
    rows.length > 0 &&
      h(
        "table",
        {},
        h("caption", { class: "unseen" }, title),
        h("thead", {}, h("tr", {}, column("Measure"), column("There"), column("Here"))),
        h("tbody", {}, ...rows.map(line)),
      ),
  );
}
