// What the project has the machine do: what waits and runs, with a way to stop it, and what has ended.

import type { App } from "../app";
import * as client from "../client";
import { h } from "../dom";
import * as office from "../office";
import type { Job, JobState } from "../types";
import { living } from "./living";
import type { Take } from "./living";
import { heading, sureButton, timeOf } from "./parts";

const SHOWN = 50;
const LOOK_AGAIN_MS = 3000;

export function workDesk(app: App): HTMLElement {
  const projectId = app.project?.project_id ?? "";
  const load = async () => (await office.jobs(projectId, SHOWN)).items;
  const list = living("Work", null, load, (jobs, take) => [
    jobs.length === 0 && h("p", { class: "hint" }, "Nothing has been asked for in this project yet."),
    h("ul", { class: "rows" }, ...jobs.map((job) => jobItem(app, job, take))),
  ]);
  const element = h(
    "div",
    {},
    heading("Work"),
    h("p", { class: "hint" }, `What was asked for last, the newest first; up to ${SHOWN}.`),
    list.element,
  );
  const looking = setInterval(() => {
    if (element.isConnected) void list.renew().catch(() => undefined);
    else clearInterval(looking);
  }, LOOK_AGAIN_MS);
  return element;
}

const KINDS: Record<Job["kind"], string> = {
  upload: "Reading a file",
  site: "Making a site ready",
  assessment: "Assessing speeds",
  plan: "Planning",
};

const STATES: Record<JobState, string> = {
  queued: "waits",
  running: "runs",
  done: "done",
  failed: "failed",
  cancelled: "stopped",
};

function jobItem(app: App, job: Job, take: Take): HTMLElement {
  const { kind, state, created, job_id, result_id, error } = job;
  const isOpen = state === "queued" || state === "running";
  const stop = () => void take(() => client.stop(job_id), "It stops at its next step.");
  const address = state === "done" ? `#plan=${result_id}` : `#job=${job_id}`;
  return h(
    "li",
    {},
    h(
      "span",
      { class: "name" },
      h("b", {}, KINDS[kind]),
      ` ${STATES[state]}, asked for `,
      timeOf(created),
      error && h("small", { class: "why" }, error.detail),
    ),
    h(
      "span",
      { class: "acts" },
      kind === "plan" &&
        (isOpen || state === "done") &&
        h("a", { class: "button", href: address }, state === "done" ? "Open the plan" : "Look at it"),
      isOpen && app.may("plan") && sureButton("Stop", "Really stop it?", stop),
    ),
  );
}
