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
  const title = h("h3", {});
  const bar = h("progress", { max: 1, "aria-labelledby": "run-title" });
  title.id = "run-title";
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
  return {
    element: h("div", { class: "running" }, heading("Working"), title, bar, note, stages, connection, stop),
    update,
  };
}

function waitingFor(run: Run): string {
  if (run.isStopping) return "Stopping at the next step …";
  return run.job && !run.progress ? "Waiting for a free process …" : "";
}
