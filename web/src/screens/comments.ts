// What people say of a plan: a conversation beside the map, each thread with its number there.

import type { Point } from "geojson";
import type { App } from "../app";
import * as client from "../client";
import { announce, h } from "../dom";
import type { Child } from "../dom";
import { nameOf } from "../opened";
import type { Opened } from "../opened";
import { may } from "../rights";
import { isAnswered, placeOf, threadsOf } from "../threads";
import type { Thread } from "../threads";
import type { Comment } from "../types";
import { count } from "../words";
import { answerForm, commentForm, rewordForm } from "./comment-form";
import type { Subject } from "./comment-form";
import { living } from "./living";
import type { Take } from "./living";
import { button, sureButton, timeOf } from "./parts";

export interface Talk {
  element: HTMLElement;
  renew: () => Promise<void>;
  enter: () => void;
  leave: () => void;
  /** Bring the words of a comment into sight. */
  find: (comment: Comment) => void;
}

export function commentsPart(app: App, opened: Opened, onChanged: (comments: Comment[]) => void): Talk {
  const load = async () => {
    opened.comments = await client.comments(opened.plan.plan_id);
    onChanged(opened.comments);
    return opened.comments;
  };
  const list = living("Comments", opened.comments, load, (comments, take) => {
    const threads = threadsOf(comments);
    const show = (thread: Thread) => threadItem(app, opened, thread, take);
    const open = threads.filter(({ first }) => !first.is_resolved);
    const settled = threads.filter(({ first }) => first.is_resolved);
    return [
      threads.length === 0 && h("p", { class: "hint" }, "Nobody has said anything about this version yet."),
      h("ul", { class: "comments" }, ...open.map(show)),
      settled.length > 0 &&
        h(
          "details",
          {},
          h("summary", {}, count(settled.length, "settled comment")),
          h("ul", { class: "comments" }, ...settled.map(show)),
        ),
    ];
  });
  const subject: Subject = {
    lines: opened.layers.barriers.features,
    needsPlace: false,
    send: (said) => client.comment(opened.plan.plan_id, said),
  };
  const form = may(opened.me, "comment") ? commentForm(app, subject, list.take) : null;
  return {
    element: h("div", {}, list.element, form?.element),
    renew: list.renew,
    enter: () => form?.enter(),
    leave: () => form?.leave(),
    find: ({ comment_id }) => {
      const item = list.element.querySelector<HTMLElement>(`#${comment_id}`);
      const folded = item?.closest("details");
      if (folded) folded.open = true;
      item?.scrollIntoView({ block: "nearest" });
      item?.focus();
    },
  };
}

function threadItem(app: App, opened: Opened, { number, first, answers }: Thread, take: Take): HTMLElement {
  return h(
    "li",
    { id: first.comment_id, tabindex: "-1", class: first.is_resolved ? "settled" : "" },
    h("span", { class: "number" }, String(number)),
    ...remark(
      opened,
      first,
      take,
      whereButton(app, opened, first, number),
      settleButton(opened, first, take),
    ),
    answers.length > 0 &&
      h("ul", {}, ...answers.map((answer) => h("li", {}, ...remark(opened, answer, take)))),
    may(opened.me, "comment") && answerForm(opened.plan.plan_id, first, take),
  );
}

function remark(opened: Opened, comment: Comment, take: Take, ...acts: Child[]): Child[] {
  const { created_by, created, audience, text } = comment;
  const isOwn = created_by === opened.me.user_id && may(opened.me, "comment");
  return [
    h(
      "p",
      { class: "by" },
      h("b", {}, nameOf(opened, created_by)),
      ", ",
      timeOf(created),
      audience === "public" && h("span", { class: "badge public" }, "public"),
    ),
    h("p", { class: "words" }, text),
    h("p", { class: "acts" }, ...acts, deleteButton(opened, comment, take)),
    isOwn && rewordForm(comment, take),
  ];
}

function whereButton(app: App, { layers }: Opened, comment: Comment, number: number): Child {
  const at = placeOf(comment, layers);
  const title = comment.line_id === null ? "On the map" : `Barrier ${comment.line_id}`;
  if (!at) return null;
  const point: Point = { type: "Point", coordinates: at };
  return button(title, () => {
    app.map.highlight(point);
    announce(`Comment ${number} is on the map.`);
  });
}

function settleButton({ me }: Opened, comment: Comment, take: Take): Child {
  const { is_resolved, created_by } = comment;
  const isHis = created_by === me.user_id && may(me, "comment");
  const change = (done: string) => void take(() => client.settle(comment, !is_resolved), done);
  if (!isHis && !may(me, "plan")) return null;
  return is_resolved
    ? button("Open again", () => change("It is open again."))
    : button("Settle", () => change("It is settled."));
}

function deleteButton({ me, comments }: Opened, comment: Comment, take: Take): Child {
  if (comment.created_by !== me.user_id || isAnswered(comment, comments)) return null;
  return sureButton(
    "Delete",
    "Really delete?",
    () => void take(() => client.takeCommentBack(comment), "It is deleted."),
  );
}
