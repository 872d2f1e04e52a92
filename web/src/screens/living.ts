// A part of a screen that shows what the service holds, and shows it anew after every step.

import { problemOf } from "../client";
import { announce, h } from "../dom";
import type { Child } from "../dom";
import { refusalBox } from "./parts";
import { putBack, typedIn } from "./typed";

/** Take a step, say that it is done and show what is there then; returns whether it was done. */
export type Take = (step: () => Promise<unknown>, done: string) => Promise<boolean>;

export interface Living {
  element: HTMLElement;
  renew: () => Promise<void>;
  take: Take;
}

// A step that takes longer than this is said to be under way.
const PATIENCE_MS = 600;

// Whoever is told this has seen what is no longer so.
const OUTDATED = [404, 409, 412];

/** Shows `first` at once; without it what there is has to be loaded. */
export function living<Held>(
  title: string,
  first: Held | null,
  load: () => Promise<Held>,
  show: (held: Held, take: Take) => Child[],
): Living {
  const head = h("h3", { tabindex: "-1", class: "unseen" }, title);
  const said = h("div", {});
  const content = h("div", { class: "living" });
  const element = h("section", { "aria-label": title }, head, said, content);
  let shown: string | null = null;
  const put = (held: Held) => {
    const next = JSON.stringify(held);
    // What is the same stays as it is, with its focus and what is open in it.
    if (next === shown) return;
    shown = next;
    const hadFocus = content.contains(document.activeElement);
    const typed = typedIn(content);
    content.replaceChildren(...show(held, take).filter((child) => child instanceof Node));
    putBack(content, typed);
    if (hadFocus) head.focus();
  };
  const renew = async (): Promise<void> => put(await load());
  const tell = (error: unknown) => said.replaceChildren(refusalBox(problemOf(error)));
  const attempt = async (step: () => Promise<unknown>): Promise<boolean> => {
    try {
      await step();
      return true;
    } catch (error) {
      if (OUTDATED.includes(problemOf(error).status)) await renew().catch(() => undefined);
      tell(error);
      return false;
    }
  };
  const take: Take = async (step, done) => {
    if (element.ariaBusy === "true") return false;
    element.ariaBusy = "true";
    said.replaceChildren();
    const waiting = setTimeout(() => {
      said.replaceChildren(h("p", { class: "hint" }, "Please wait …"));
      announce("Please wait.");
    }, PATIENCE_MS);
    const isDone = await attempt(step);
    clearTimeout(waiting);
    if (isDone) {
      said.replaceChildren();
      announce(done);
      // The step is taken, also where what there is now can't be fetched.
      await renew().catch(tell);
    }
    element.ariaBusy = "false";
    // What was made may have pushed the focus out of sight.
    document.activeElement?.scrollIntoView({ block: "nearest" });
    return isDone;
  };
  if (first !== null) put(first);
  else renew().catch(tell);
  return { element, renew, take };
}
