// Who did what: the audit log from a day on, a page at a time.

import type { App } from "../app";
import { problemOf } from "../client";
import * as client from "../client";
import { deedInWords } from "../deeds";
import { h } from "../dom";
import * as office from "../office";
import type { Deed } from "../types";
import { paged } from "./paged";
import { field, heading, refusalBox, timeOf } from "./parts";

const AT_A_TIME = 100;

export function logDesk(app: App): HTMLElement {
  const names = new Map<string, string>();
  const since = h("input", { id: "since", type: "date", required: true });
  since.value = new Date().toISOString().slice(0, 10);
  const who = h("select", { id: "by" }, h("option", { value: "" }, "anybody"));
  const found = h("div", { role: "region", "aria-label": "Log", tabindex: "-1" });
  const look = async () => {
    try {
      // Only what came later is answered; a log that starts at midnight holds midnight too.
      const begin = new Date(Date.parse(`${since.value}T00:00:00Z`) - 1).toISOString();
      const first = await office.deeds(begin, who.value, AT_A_TIME);
      const list = paged(first, client.more<Deed>, (deed) => deedItem(app, names, deed));
      list.rows.className = "rows log";
      const none = h("p", { class: "hint" }, "Nobody did anything.");
      found.replaceChildren(first.items.length ? list.element : none);
    } catch (error) {
      found.replaceChildren(refusalBox(problemOf(error)));
    }
  };
  const open = async () => {
    for (const { user_id, name } of await office.users()) {
      names.set(user_id, name);
      who.append(h("option", { value: user_id }, name));
    }
    await look();
  };
  void open().catch((error: unknown) => found.replaceChildren(refusalBox(problemOf(error))));
  const form = h(
    "form",
    {
      onsubmit: (event) => {
        event.preventDefault();
        void look();
      },
    },
    h("div", { class: "pair" }, field("From this day on (UTC)", since), field("By", who)),
    h("p", { class: "acts" }, h("button", { type: "submit" }, "Look it up")),
  );
  const hint = "The oldest first. The log can't be changed by anybody.";
  return h("div", {}, heading("Log"), h("p", { class: "hint" }, hint), form, found);
}

function deedItem(app: App, names: Map<string, string>, deed: Deed): HTMLElement {
  const { at, user_id, token_id, project_id, item_id } = deed;
  const who = user_id === null ? whoElse(deed) : (names.get(user_id) ?? user_id);
  const project = app.projects.find((known) => known.project_id === project_id)?.name;
  const item = item_id === project_id ? null : (names.get(item_id ?? "") ?? item_id);
  const about = [project && `in ${project}`, item, token_id && "by a token"].filter(Boolean).join(", ");
  return h(
    "li",
    {},
    h(
      "span",
      { class: "name" },
      timeOf(at),
      " ",
      h("b", {}, who),
      ` ${deedInWords(deed)}`,
      about && h("small", {}, ` ${about}`),
    ),
  );
}

/** What no request did, the service did by itself. */
const whoElse = ({ action }: Deed): string => (action.includes(" /") ? "somebody unknown" : "the service:");
