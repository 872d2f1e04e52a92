// Nothing could be opened.

import { h } from "../dom";
import type { Problem } from "../types";
import { heading, problemBox } from "./parts";

export function troubleScreen(problem: Problem): HTMLElement {
  const again = () => {
    history.replaceState(null, "", location.pathname);
    location.reload();
  };
  return h(
    "div",
    {},
    heading("This did not work"),
    problemBox(problem),
    h("button", { type: "button", class: "primary", onclick: again }, "Start again"),
  );
}
