// Long work, from its order to its end, and how far it has come.

import * as client from "./client";
import type { Run } from "./state";
import type { Job, Progress } from "./types";

export function newRun(title: string): Run {
  return { title, job: null, progress: null, stages: [], isConnected: true, isStopping: false };
}

/** Follow a job to its end and return it done; `show` is called whenever there is news. */
export async function finish(job: Job, run: Run, show: (run: Run) => void): Promise<Job> {
  Object.assign(run, { job, progress: null, stages: [] });
  show(run);
  return client.follow(job, {
    onProgress: (progress) => {
      note(run, progress);
      show(run);
    },
    onConnection: (isThere) => {
      run.isConnected = isThere;
      show(run);
    },
  });
}

function note(run: Run, progress: Progress): void {
  const last = run.stages.at(-1);
  if (last?.stage === progress.stage) last.seconds = progress.seconds;
  else run.stages.push({ stage: progress.stage, seconds: progress.seconds });
  run.progress = progress;
}
