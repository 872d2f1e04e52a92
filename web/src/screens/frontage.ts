// For a private operator: what is planned on the own frontage, and what is said of it.

import type { App } from "../app";
import * as client from "../client";
import { h } from "../dom";
import type { Child } from "../dom";
import { pieceWords } from "../layers/frontage";
import { STATES } from "../review";
import type { Comment, Frontage } from "../types";
import { commentForm, rewordForm } from "./comment-form";
import { living } from "./living";
import type { Take } from "./living";
import { button, heading, stateBadge, sureButton, timeOf } from "./parts";
import { table } from "./table";

export function frontageScreen(app: App, first: Frontage): HTMLElement {
  const { project_id } = app.project ?? { project_id: "" };
  const load = async () => {
    const frontage = await client.frontage(project_id);
    showPins(app, frontage);
    return frontage;
  };
  const part = living("What is said of it", first, load, ({ comments }, take) => [
    comments.length === 0 && h("p", { class: "hint" }, "Nobody has said anything about it yet."),
    h(
      "ul",
      { class: "comments" },
      ...comments.map((comment, index) => remark(app, comment, index + 1, take)),
    ),
  ]);
  showPins(app, first);
  return h(
    "div",
    { class: "result" },
    heading("Your frontage"),
    planned(app, first),
    part.element,
    first.plan_id !== null && form(app, first.plan_id, part.take),
  );
}

function planned(app: App, { state, furniture }: Frontage): HTMLElement {
  if (state === null) return h("p", { class: "hint" }, "No plan has been put before anybody yet.");
  const rows = furniture.features.map((row, index) => ({
    name: String(index + 1),
    cells: [pieceWords(row.properties)],
    show: () => app.map.highlight(row),
  }));
  const none = "Nothing of it stands on your ground.";
  return h(
    "div",
    {},
    h("p", {}, "The newest plan: ", stateBadge(STATES[state])),
    table("Planned furniture", ["", "What"], rows, none),
  );
}

function form(app: App, planId: string, take: Take): HTMLElement {
  const send = (said: Parameters<typeof client.comment>[1]) => client.comment(planId, said);
  const made = commentForm(app, { lines: [], needsPlace: true, send }, take);
  made.enter();
  return made.element;
}

function remark(app: App, comment: Comment, number: number, take: Take): HTMLElement {
  const { comment_id, place, text, created, created_by } = comment;
  const isOwn = created_by === app.who.user?.user_id;
  const remove = () => void take(() => client.takeCommentBack(comment), "It is deleted.");
  const acts: Child[] = [
    place && button("On the map", () => app.map.highlight(place)),
    isOwn && sureButton("Delete", "Really delete?", remove),
  ];
  return h(
    "li",
    { id: comment_id, tabindex: "-1" },
    h("span", { class: "number" }, String(number)),
    h("p", { class: "by" }, isOwn ? h("b", {}, "you, ") : "", timeOf(created)),
    h("p", { class: "words" }, text),
    h("p", { class: "acts" }, ...acts),
    isOwn && rewordForm(comment, take),
  );
}

function showPins(app: App, { comments }: Frontage): void {
  const pins = comments.flatMap(({ comment_id, place, text: words, is_resolved: isSettled }, index) => {
    const onChosen = () => document.getElementById(comment_id)?.focus();
    return place ? [{ number: index + 1, at: place.coordinates, words, isSettled, onChosen }] : [];
  });
  app.map.showComments(pins);
}
