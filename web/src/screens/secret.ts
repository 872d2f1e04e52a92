// A secret that is shown once: to copy, with what it is for.

import { announce, h } from "../dom";
import { button, field } from "./parts";

export function secretBox(id: string, title: string, secret: string, ...words: string[]): HTMLElement {
  const shown = h("input", { id, readonly: true, onfocus: () => shown.select() });
  shown.value = secret;
  const copy = button("Copy", () => {
    shown.select();
    // A page that came without TLS has no clipboard; what is selected can be copied by hand.
    void navigator.clipboard?.writeText(secret).then(
      () => announce("Copied."),
      () => announce("Selected: copy it by hand."),
    );
  });
  const box = h(
    "div",
    { class: "secret", role: "group", "aria-label": title, tabindex: "-1" },
    field(title, shown),
    h("p", { class: "acts" }, copy),
    ...words.map((text) => h("p", {}, text)),
  );
  return box;
}
