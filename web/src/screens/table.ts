// A table whose rows can be found on the map.

import { h } from "../dom";

export interface TableRow {
  name: string;
  cells: string[];
  show: () => void;
}

const AT_FIRST = 8;

export function table(title: string, columns: string[], rows: TableRow[], none: string): HTMLElement {
  const body = h("tbody", {}, ...rows.slice(0, AT_FIRST).map(line));
  const more = h(
    "button",
    {
      type: "button",
      class: "more",
      onclick: () => {
        body.append(...rows.slice(AT_FIRST).map(line));
        more.remove();
      },
    },
    `Show all ${rows.length}`,
  );
  return h(
    "section",
    { class: "table" },
    h("h3", {}, title),
    rows.length === 0 && h("p", { class: "hint" }, none),
    rows.length > 0 &&
      h(
        "table",
        {},
        h("caption", { class: "unseen" }, title),
        h("thead", {}, h("tr", {}, ...columns.map((name) => h("th", { scope: "col" }, name)))),
        body,
      ),
    rows.length > AT_FIRST && more,
  );
}

function line({ name, cells, show }: TableRow): HTMLElement {
  const find = h("button", { type: "button", class: "link", title: "Show on the map", onclick: show }, name);
  return h("tr", {}, h("th", { scope: "row" }, find), ...cells.map((cell) => h("td", {}, cell)));
}
