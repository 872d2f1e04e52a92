// Copies of a plan: for whom each is, its label, and whether it is out of the house.

import * as client from "../client";
import { h } from "../dom";
import type { Child } from "../dom";
import { nameOf } from "../opened";
import type { Opened } from "../opened";
import { may } from "../rights";
import type { Audience, Copy } from "../types";
import { bytes } from "../words";
import { living } from "./living";
import type { Take } from "./living";
import { button, field, radios, sureButton, timeOf } from "./parts";

export function copiesPart(opened: Opened): HTMLElement {
  const load = () => client.copies(opened.plan.plan_id);
  const list = living("Copies", null, load, (copies, take) => [
    copies.length === 0 && h("p", { class: "hint" }, "No copy of this version has been made yet."),
    h("ul", { class: "copies" }, ...copies.map((copy) => copyItem(opened, copy, take))),
  ]);
  return h("div", {}, list.element, may(opened.me, "plan") && copyForm(opened.plan.plan_id, list.take));
}

function copyItem(opened: Opened, copy: Copy, take: Take): HTMLElement {
  const { audience, label, created, created_by, file, bytes: size } = copy;
  return h(
    "li",
    { class: `for-${audience}` },
    h("p", { class: "label" }, label),
    h("p", { class: "by" }, `Made by ${nameOf(opened, created_by)}, `, timeOf(created)),
    audience === "public" && releaseWords(copy),
    h(
      "p",
      { class: "acts" },
      h("a", { class: "button", href: file, download: "" }, `Download (${bytes(size)})`),
      audience === "public" && releaseStep(opened, copy, take),
    ),
  );
}

function releaseWords({ public: address }: Copy): HTMLElement {
  if (address === null) return h("p", {}, "Not released: only members of the project see it.");
  const link = h(
    "a",
    { href: address, target: "_blank", rel: "noopener" },
    new URL(address, location.href).href,
  );
  return h("p", { class: "released" }, "Released: whoever has this address reads it. ", link);
}

function releaseStep({ me }: Opened, copy: Copy, take: Take): Child {
  if (copy.public !== null)
    return (
      may(me, "plan") &&
      button("Take it back", () => void take(() => client.takeCopyBack(copy), "Nobody else reads it now."))
    );
  if (!may(me, "approve")) return h("span", { class: "hint" }, "An approver releases it.");
  if (copy.created_by === me.user_id)
    return h("span", { class: "hint" }, "Your own: somebody else releases it.");
  return sureButton(
    "Release it",
    "Release it to everybody?",
    () => void take(() => client.release(copy), "Everybody can read it now."),
  );
}

const AUDIENCES: { value: Audience; title: string; hint: string }[] = [
  { value: "restricted", title: "Members", hint: "everything, with its label on it" },
  {
    value: "public",
    title: "Everybody",
    hint: "furniture and public comments; no speeds, energies, corridors, gaps, ratings or weak points",
  },
];

function copyForm(planId: string, take: Take): HTMLElement {
  let audience: Audience = "restricted";
  const title = h("input", { id: "copy-title", maxlength: 200 });
  const named = field("Title of the public page", title, "Everybody reads it; empty: a plain one.");
  named.hidden = true;
  const choice = radios("audience", AUDIENCES, audience, (chosen) => {
    audience = chosen;
    named.hidden = chosen !== "public";
  });
  return h(
    "form",
    {
      class: "step",
      onsubmit: (event) => {
        event.preventDefault();
        const named = audience === "public" ? title.value.trim() || null : null;
        void take(() => client.makeCopy(planId, audience, named), "The copy is there.");
      },
    },
    h("fieldset", {}, h("legend", {}, "Make a copy for"), choice),
    named,
    h("p", { class: "acts" }, h("button", { type: "submit", class: "primary" }, "Make the copy")),
  );
}
