// Under what the plan is kept: the next version of a proposal, or a proposal of its own.

import type { App } from "../app";
import { h } from "../dom";
import { keepsZone, versionOf } from "../state";
import { field, radios } from "./parts";

const LONGEST = 200;

export interface KeepPart {
  element: HTMLElement;
  /** Look again at whether a version is possible. */
  refresh: () => void;
}

export function keepPart(app: App): KeepPart {
  const { state } = app;
  const name = h("input", {
    id: "name",
    maxlength: LONGEST,
    oninput: () => (state.name = name.value.trim()),
  });
  name.value = state.name;
  const named = field("Name", name, "Empty: the name of its place.");
  const why = h("p", { class: "hint" }, "Versions of a proposal share its zone; this one is another.");
  const choice = state.from && choiceOf(app, state.from.proposal.name, () => refresh());
  const refresh = () => {
    named.hidden = versionOf(state) !== null;
    why.hidden = state.from === null || keepsZone(state);
    if (choice) choice.hidden = !why.hidden;
  };
  refresh();
  const element = h("fieldset", {}, h("legend", {}, "6  Keep it as"), choice, why, named);
  return { element, refresh };
}

function choiceOf({ state }: App, proposal: string, onChosen: () => void): HTMLElement {
  return radios(
    "keep",
    [
      { value: "version", title: `The next version of ${proposal}`, hint: "" },
      { value: "own", title: "A proposal of its own", hint: "" },
    ],
    state.asVersion ? "version" : "own",
    (chosen) => {
      state.asVersion = chosen === "version";
      onChosen();
    },
  );
}
