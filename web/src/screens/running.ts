// Work under way: what is done, what is being done, and a way to stop it.

import type { App } from "../app";
import { h } from "../dom";
import type { Run } from "../state";
import { seconds } from "../words";
import { heading } from "./parts";

export interface RunningScreen {
  element: HTMLElement;
  update(run: Run): void;
}

export function runningScreen(app: App, first: Run): RunningScreen {
  let run = first;
  const title = h("h3", { id: "run-title" });
  const clock = h("span", { class: "hint", "aria-hidden": "true" });
  const bar = h("progress", { max: 1, "aria-labelledby": "run-title" });
  const note = h("p", { class: "note" });
  const stages = h("ol", { class: "stages" });
  const connection = h("p", { class: "hint" });
  const stop = h("button", { type: "button", onclick: () => void app.stop(run) }, "Stop");
  const update = (next: Run) => {
    run = next;
    const { progress } = run;
    title.textContent = run.title;
    if (progress) bar.value = progress.share;
    else bar.removeAttribute("value");
    note.textContent = waitingFor(run) || (progress ? `${progress.note || progress.stage}` : "");
    const before = (index: number) => run.stages[index - 1]?.seconds ?? 0;
    stages.replaceChildren(
      ...run.stages.map(({ stage, seconds: until }, index) =>
        h("li", {}, h("span", {}, stage), h("span", {}, seconds(Math.max(0, until - before(index))))),
      ),
    );
    connection.textContent = run.isConnected ? "" : "No connection to the service; trying again.";
    stop.disabled = !run.job || run.isStopping;
  };
  update(first);
  const head = h("div", { class: "title" }, title, clock);
  const element = h(
    "div",
    { class: "running" },
    heading("Working"),
    head,
    bar,
    note,
    stages,
    connection,
    stop,
  );
  const started_ms = performance.now();
  const ticking = setInterval(() => {
    if (element.isConnected) clock.textContent = seconds(Math.round((performance.now() - started_ms) / 1000));
    else clearInterval(ticking);
  }, 1000);
  return { element, update };
}

function waitingFor(run: Run): string {
  if (run.isStopping) return "Stopping at the next step …";
  return run.job && !run.progress ? "Waiting for a free process …" : "";
}
