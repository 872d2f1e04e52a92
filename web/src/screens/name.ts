// The name of a proposal, and another one for it.

import * as client from "../client";
import { problemOf } from "../client";
import { announce, h } from "../dom";
import type { Opened } from "../opened";
import { button, field, heading, refusalBox } from "./parts";

const LONGEST = 200;

/** The heading of an open plan; who may plan can change it. */
export function namePart(opened: Opened, mayRename: boolean): HTMLElement {
  const title = heading(opened.proposal.name);
  const said = h("div", {});
  const input = h("input", { id: "proposal-name", maxlength: LONGEST, required: true });
  const open = button("Rename", () => showForm(true));
  const showForm = (isShown: boolean) => {
    form.hidden = !isShown;
    open.hidden = isShown;
    input.value = opened.proposal.name;
    said.replaceChildren();
    (isShown ? input : open).focus();
  };
  const send = async () => {
    try {
      opened.proposal = await client.rename(opened.proposal, input.value);
      showForm(false);
      announce(`It is called ${opened.proposal.name} now.`);
    } catch (error) {
      const problem = problemOf(error);
      // What was typed stays, so that it can be sent once more.
      if (problem.status === 412) opened.proposal = await client.proposal(opened.proposal.proposal_id);
      said.replaceChildren(refusalBox(problem));
    }
    title.textContent = opened.proposal.name;
  };
  const form = h(
    "form",
    {
      class: "rename",
      hidden: true,
      onsubmit: (event) => {
        event.preventDefault();
        void send();
      },
    },
    said,
    field("Name of the proposal", input),
    h(
      "p",
      { class: "acts" },
      h("button", { type: "submit" }, "Save the name"),
      button("Leave it", () => showForm(false)),
    ),
  );
  return h("div", {}, h("div", { class: "title" }, title, mayRename && open), form);
}
