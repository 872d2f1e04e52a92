// A list that is read a page at a time, whenever somebody asks for more of it.

import { problemOf } from "../client";
import { announce, h } from "../dom";
import type { Page } from "../types";
import { count } from "../words";
import { button, refusalBox } from "./parts";

export interface Paged {
  element: HTMLElement;
  rows: HTMLUListElement;
}

export function paged<Item>(
  first: Page<Item>,
  next: (page: Page<Item>) => Promise<Page<Item>>,
  show: (item: Item) => HTMLElement,
): Paged {
  const rows = h("ul", {});
  const said = h("div", {});
  let last = first;
  const put = (page: Page<Item>) => {
    last = page;
    const made = page.items.map(show);
    rows.append(...made);
    more.hidden = page.next === null;
    return made;
  };
  const more = button("Show more", () => {
    more.disabled = true;
    said.replaceChildren();
    next(last)
      .then((page) => {
        const [begin] = put(page);
        announce(`${count(page.items.length, "row")} more.`);
        // The button may be gone: whoever uses keys goes on where the new rows begin.
        begin?.querySelector<HTMLElement>("button:enabled, a, summary")?.focus();
      })
      .catch((error: unknown) => said.replaceChildren(refusalBox(problemOf(error))))
      .finally(() => (more.disabled = false));
  });
  more.classList.add("more");
  put(first);
  return { element: h("div", {}, rows, said, more), rows };
}
