// A comment to write: about the plan, about a place of the map, or about a barrier.

import type { App } from "../app";
import * as client from "../client";
import { h } from "../dom";
import type { PlanLayers } from "../rows";
import type { Centre, Comment, CommentRequest } from "../types";
import { metres } from "../words";
import type { Take } from "./living";
import { button, field } from "./parts";

const PLACE = "at a place";
const LONGEST = 20_000;

interface Form {
  element: HTMLElement;
  /** The map takes a place for a comment only while the comments are in sight. */
  enter: () => void;
  leave: () => void;
}

/** What a comment may be about, and where it goes. */
export interface Subject {
  lines: Barriers;
  /** It has to be pinned to a place. */
  needsPlace: boolean;
  send: (said: CommentRequest) => Promise<unknown>;
}

type Barriers = PlanLayers["barriers"]["features"];

export function commentForm(app: App, subject: Subject, take: Take): Form {
  let place: Centre | null = null;
  const text = textarea("comment-text");
  const about = aboutSelect(subject);
  const isPublic = h("input", { id: "comment-public", type: "checkbox" });
  const tools = h("div", { class: "tools" });
  const set = (at: Centre) => {
    place = at;
    show();
  };
  const show = () => {
    app.map.endTasks();
    app.map.showDraft(null);
    const isPlace = about.value === PLACE;
    tools.replaceChildren(...(isPlace ? placeTools(app, place, set) : []));
    if (!isPlace) return;
    app.map.pick(set);
    if (place) app.map.showDraft({ centre: place, radius_m: null });
  };
  about.addEventListener("change", () => {
    place = null;
    show();
    const line = subject.lines.find((row) => row.properties.line_id === about.value);
    app.map.highlight(line ?? null);
  });
  const send = async () => {
    const said = requestOf(text.value, about.value, place, isPublic.checked);
    if (!(await take(() => subject.send(said), "The comment is there."))) return;
    element.reset();
    place = null;
    show();
    app.map.highlight(null);
  };
  const element = h(
    "form",
    {
      class: "step",
      onsubmit: (event) => {
        event.preventDefault();
        if (about.value === PLACE && !place) tools.querySelector("button")?.focus();
        else void send();
      },
    },
    h("h3", {}, "Say something"),
    field("Comment", text),
    field("It is about", about),
    tools,
    h(
      "label",
      { class: "choice" },
      isPublic,
      h("span", {}, "For the public", h("small", {}, "Goes into public copies, word by word.")),
    ),
    h("p", { class: "acts" }, h("button", { type: "submit", class: "primary" }, "Send")),
  );
  return {
    element,
    enter: show,
    leave: () => {
      app.map.endTasks();
      app.map.showDraft(null);
    },
  };
}

/** Other words for what somebody has said himself. */
export function rewordForm(comment: Comment, take: Take): HTMLElement {
  const text = h(
    "textarea",
    { id: `reword-${comment.comment_id}`, rows: 3, maxlength: LONGEST, required: true },
    comment.text,
  );
  const send = (form: HTMLFormElement) =>
    take(async () => {
      await client.reword(comment, text.value.trim());
      form.reset();
    }, "It is changed.");
  return foldedForm("Edit", [field("Your words", text)], "Save the words", send);
}

/** An answer is about what it answers. */
export function answerForm(planId: string, answered: Comment, take: Take): HTMLElement {
  const text = textarea(`answer-${answered.comment_id}`);
  const { comment_id: answers } = answered;
  const send = (form: HTMLFormElement) =>
    take(async () => {
      const said = { text: text.value.trim(), place: null, line_id: null, answers };
      await client.comment(planId, { ...said, audience: "restricted" });
      form.reset();
    }, "The answer is there.");
  return foldedForm("Answer", [field("Your answer", text)], "Send the answer", send);
}

function foldedForm(
  title: string,
  fields: HTMLElement[],
  act: string,
  send: (form: HTMLFormElement) => Promise<unknown>,
): HTMLElement {
  const form = h(
    "form",
    {
      onsubmit: (event) => {
        event.preventDefault();
        void send(form);
      },
    },
    ...fields,
    h("p", { class: "acts" }, h("button", { type: "submit" }, act)),
  );
  return h("details", { class: "answer" }, h("summary", {}, title), form);
}

function textarea(id: string): HTMLTextAreaElement {
  return h("textarea", { id, rows: 3, maxlength: LONGEST, required: true });
}

function aboutSelect({ lines, needsPlace }: Subject): HTMLSelectElement {
  return h(
    "select",
    { id: "comment-about" },
    !needsPlace && h("option", { value: "" }, "the plan as a whole"),
    h("option", { value: PLACE }, "a place on the map"),
    ...lines.map(({ properties: { line_id, length_m } }) =>
      h("option", { value: line_id }, `barrier ${line_id}, ${metres(length_m)}`),
    ),
  );
}

function placeTools(app: App, place: Centre | null, set: (at: Centre) => void): HTMLElement[] {
  const said = place
    ? `At ${place.latitude_deg.toFixed(5)}°, ${place.longitude_deg.toFixed(5)}°; a click on the map moves it.`
    : "Click on the map.";
  return [
    h("p", { class: "hint", role: "status" }, said),
    button("Take the middle of the map", () => set(app.map.middle)),
  ];
}

function requestOf(text: string, about: string, place: Centre | null, isPublic: boolean): CommentRequest {
  return {
    text: text.trim(),
    place: place && { type: "Point", coordinates: [place.longitude_deg, place.latitude_deg] },
    line_id: about === PLACE || about === "" ? null : about,
    answers: null,
    audience: isPublic ? "public" : "restricted",
  };
}
