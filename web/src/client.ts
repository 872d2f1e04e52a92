// The only caller of the service.

import { BASE, ProblemError, against, all, ask, create, json, newest, problemOf } from "./asking";
import type { PlanLayers, SiteLayers } from "./rows";
import type {
  Audience,
  Comment,
  CommentRequest,
  Comparison,
  Copy,
  Country,
  Decision,
  Discipline,
  Frontage,
  Invited,
  Job,
  LayoutChoice,
  Member,
  Page,
  Place,
  Plan,
  PlanRequest,
  Progress,
  Project,
  Proposal,
  Review,
  ReviewState,
  Site,
  SiteRequest,
  Upload,
  Vehicle,
  Who,
} from "./types";

export { ProblemError, problemOf };

/** Rows of a list, from the address that the page before told. */
export const more = <Item>(page: Page<Item>): Promise<Page<Item>> => ask(page.next ?? "");

/** Somebody stopped the job. */
export class StoppedError extends Error {}

export interface Followed {
  onProgress(progress: Progress): void;
  onConnection(isThere: boolean): void;
}

export const session = (): Promise<Who> => ask(`${BASE}/session`);
export const signIn = (name: string, password: string): Promise<unknown> =>
  ask(`${BASE}/session`, json("POST", { name, password }));
export const signOut = (): Promise<unknown> => ask(`${BASE}/session`, { method: "DELETE" });
export const invitation = (secret: string): Promise<Invited> => ask(`${BASE}/invitations/${secret}`);
export const accept = (secret: string, name: string | null, password: string): Promise<unknown> =>
  ask(`${BASE}/invitations/${secret}`, json("POST", { name, password }));

export const projects = (): Promise<Project[]> => all(`${BASE}/projects`);
export const makeProject = (name: string): Promise<Project> => create(`${BASE}/projects`, { name });

export const places = (): Promise<Place[]> => ask(`${BASE}/places`);
export const vehicles = (): Promise<Vehicle[]> => ask(`${BASE}/vehicles`);
export const countries = (): Promise<Country[]> => ask(`${BASE}/countries`);
export const layouts = (): Promise<LayoutChoice[]> => ask(`${BASE}/layouts`);
export const job = (id: string): Promise<Job> => ask(`${BASE}/jobs/${id}`);
export const stop = (id: string): Promise<Job> => ask(`${BASE}/jobs/${id}`, { method: "DELETE" });
export const upload = (id: string): Promise<Upload> => ask(`${BASE}/uploads/${id}`);
export const site = (id: string): Promise<Site> => ask(`${BASE}/sites/${id}`);
export const plan = (id: string): Promise<Plan> => ask(`${BASE}/plans/${id}`);

export const makeSite = (projectId: string, request: SiteRequest): Promise<Job> =>
  ask(`${BASE}/projects/${projectId}/sites`, json("POST", request));

/** A proposal of its own; without a name it takes that of its site. */
export const makeProposal = (siteId: string, name: string, request: PlanRequest): Promise<Job> =>
  create(`${BASE}/sites/${siteId}/proposals`, { ...request, name: name || null });

/** The next version of a proposal. */
export const makeVersion = (of: Proposal, request: PlanRequest): Promise<Job> =>
  create(`${BASE}/proposals/${of.proposal_id}/plans`, request);

export function send(projectId: string, kind: Upload["kind"], file: File): Promise<Job> {
  const body = new FormData();
  body.set("file", file);
  return ask(`${BASE}/projects/${projectId}/uploads?kind=${kind}`, { method: "POST", body });
}

// ---------------------------------------------------------------- proposals and their way

export const members = (projectId: string): Promise<Member[]> => ask(`${BASE}/projects/${projectId}/members`);
export const proposals = (projectId: string, limit: number): Promise<Page<Proposal>> =>
  newest(`${BASE}/projects/${projectId}/proposals`, limit);
export const proposal = (id: string): Promise<Proposal> => ask(`${BASE}/proposals/${id}`);
export const versions = (of: Proposal): Promise<Plan[]> => all(`${BASE}/proposals/${of.proposal_id}/plans`);

export const rename = (known: Proposal, name: string): Promise<Proposal> =>
  ask(`${BASE}/proposals/${known.proposal_id}`, against(known, json("PATCH", { name })));

export const reviewState = (planId: string): Promise<ReviewState> => ask(`${BASE}/plans/${planId}/reviews`);
export const submit = (planId: string): Promise<ReviewState> =>
  ask(`${BASE}/plans/${planId}/submission`, { method: "POST" });
export const takeBack = (planId: string): Promise<ReviewState> =>
  ask(`${BASE}/plans/${planId}/submission`, { method: "DELETE" });

export const review = (
  planId: string,
  said: { discipline: Discipline; decision: Decision; text: string },
): Promise<Review> => create(`${BASE}/plans/${planId}/reviews`, said);

/** Decide on what was looked at: another content is refused. The words become a comment on it. */
export const decide = (
  looked: ReviewState,
  decision: "approved" | "changes_asked",
  text = "",
): Promise<ReviewState> =>
  ask(
    `${BASE}/plans/${looked.plan_id}/approval`,
    json("POST", { decision, text, content_hash: looked.content_hash }),
  );

// ---------------------------------------------------------------- what is said, what leaves the house

export const comments = (planId: string): Promise<Comment[]> => all(`${BASE}/plans/${planId}/comments`);
export const comment = (planId: string, said: CommentRequest): Promise<Comment> =>
  create(`${BASE}/plans/${planId}/comments`, said);
export const reword = (known: Comment, text: string): Promise<Comment> =>
  ask(`${BASE}/comments/${known.comment_id}`, against(known, json("PATCH", { text })));
export const settle = (known: Comment, is_resolved: boolean): Promise<Comment> =>
  ask(`${BASE}/comments/${known.comment_id}`, against(known, json("PATCH", { is_resolved })));
export const takeCommentBack = (known: Comment): Promise<void> =>
  ask(`${BASE}/comments/${known.comment_id}`, against(known, { method: "DELETE" }));

export const frontage = (projectId: string): Promise<Frontage> =>
  ask(`${BASE}/projects/${projectId}/frontage`);

export const copies = (planId: string): Promise<Copy[]> => all(`${BASE}/plans/${planId}/exports`);
export const makeCopy = (planId: string, audience: Audience, title: string | null): Promise<Copy> =>
  create(`${BASE}/plans/${planId}/exports`, { audience, title });
export const release = (known: Copy): Promise<Copy> =>
  ask(`${BASE}/exports/${known.export_id}/release`, { method: "POST" });
export const takeCopyBack = (known: Copy): Promise<Copy> =>
  ask(`${BASE}/exports/${known.export_id}/release`, { method: "DELETE" });

export const comparisons = (projectId: string, limit: number): Promise<Page<Comparison>> =>
  newest(`${BASE}/projects/${projectId}/comparisons`, limit);
export const compare = (projectId: string, before: string, after: string): Promise<Comparison> =>
  create(`${BASE}/projects/${projectId}/comparisons`, { plan_a: before, plan_b: after });

// ---------------------------------------------------------------- layers and jobs

const SITE_LAYERS = ["study_area", "zone", "solids", "streets", "furniture", "entries", "demands"] as const;
const PLAN_LAYERS = ["perimeter", "corridors", "barriers", "footprints", "gaps", "closures"] as const;

export const siteLayers = (of: Site): Promise<SiteLayers> => layersOf<SiteLayers>(of.layers, SITE_LAYERS);
export const footprints = (of: Plan): Promise<Pick<PlanLayers, "footprints">> =>
  layersOf(of.layers, ["footprints"]);
export const planLayers = (of: Plan): Promise<PlanLayers> => layersOf<PlanLayers>(of.layers, PLAN_LAYERS);

/**
 * Follow a job to its end and return it done.
 *
 * The browser joins a broken stream again by itself and goes on behind the last event it saw.
 * Rejects with ProblemError where the job failed and StoppedError where it was stopped.
 */
export async function follow(started: Job, listener: Followed): Promise<Job> {
  let finished: Job;
  do {
    await ended(started, listener);
    finished = await job(started.job_id);
  } while (!["done", "failed", "cancelled"].includes(finished.state));
  if (finished.state === "done") return finished;
  if (finished.state === "failed" && finished.error) throw new ProblemError(finished.error);
  throw new StoppedError("Stopped.");
}

function ended(started: Job, listener: Followed): Promise<void> {
  return new Promise((resolve) => {
    const source = new EventSource(started.events);
    const close = () => {
      source.close();
      resolve();
    };
    source.addEventListener("open", () => listener.onConnection(true));
    source.addEventListener("progress", (event) => listener.onProgress(JSON.parse(event.data) as Progress));
    source.addEventListener("end", close);
    source.addEventListener("error", () => {
      listener.onConnection(false);
      // Refused for good, not only broken off: ask the record, after a while.
      if (source.readyState === EventSource.CLOSED) setTimeout(close, 1000);
    });
  });
}

async function layersOf<Layers>(hrefs: Record<string, string>, names: readonly string[]): Promise<Layers> {
  const loaded = await Promise.all(
    names.map(async (name) => [name, hrefs[name] ? await ask<unknown>(hrefs[name]) : EMPTY] as const),
  );
  return Object.fromEntries(loaded) as Layers;
}

const EMPTY = { type: "FeatureCollection", features: [] };
