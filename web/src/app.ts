// What happens when: from the first place to a plan, and back.

import * as client from "./client";
import { ProblemError, StoppedError } from "./client";
import { announce } from "./dom";
import type { MapView } from "./map/view";
import { DEFAULT_CHOICES, draftOf, siteRequest, sourceRequest } from "./state";
import type { Run, Screen, State } from "./state";
import type {
  Centre,
  Country,
  Extract,
  Invited,
  Job,
  LayoutChoice,
  Place,
  Plan,
  Problem,
  Progress,
  Project,
  Site,
  SiteRequest,
  Upload,
  Vehicle,
  Who,
} from "./types";

// A disc that is only there to have a middle for the map that is looked at.
const LOOK_RADIUS_M = 30;
const LOOK_MARGIN_M = 600;

// Where a tab keeps the project that is worked in.
const PROJECT = "project";

export class App {
  readonly state: State = {
    source: null,
    view: null,
    area: { kind: "own" },
    choices: { ...DEFAULT_CHOICES },
  };
  places: Place[] = [];
  vehicles: Vehicle[] = [];
  layouts: LayoutChoice[] = [];
  countries: Country[] = [];
  who: Who = { user: null, oidc: null };
  projects: Project[] = [];
  screen: Screen = { kind: "opening" };

  constructor(
    readonly map: MapView,
    private readonly show: (screen: Screen) => void,
  ) {}

  // ---------------------------------------------------------------- opening

  async open(): Promise<void> {
    try {
      const secret = new URLSearchParams(location.hash.slice(1)).get("invitation");
      if (secret) {
        this.go({ kind: "invitation", secret, invited: await client.invitation(secret), problem: null });
        return;
      }
      this.who = await client.session();
      if (!this.who.user) {
        this.go({ kind: "sign in", problem: null });
        return;
      }
      this.projects = await ownProjects(this.who.user.is_administrator);
      await this.load();
      await this.openWhatTheAddressSays();
    } catch (error) {
      this.go({ kind: "trouble", problem: problemOf(error) });
    }
  }

  async signIn(name: string, password: string): Promise<void> {
    await this.enter(client.signIn(name, password), (problem) => this.go({ kind: "sign in", problem }));
  }

  async accept(secret: string, invited: Invited, name: string, password: string): Promise<void> {
    await this.enter(client.accept(secret, invited.name === null ? name : null, password), (problem) =>
      this.go({ kind: "invitation", secret, invited, problem }),
    );
  }

  async signOut(): Promise<void> {
    await client.signOut();
    history.replaceState(null, "", location.pathname);
    location.reload();
  }

  /** Go on in another project, from its start. */
  choose(projectId: string): void {
    sessionStorage.setItem(PROJECT, projectId);
    history.replaceState(null, "", location.pathname);
    location.reload();
  }

  /** The project that is worked in. */
  get project(): string {
    const last = sessionStorage.getItem(PROJECT);
    const known = this.projects.find((project) => project.project_id === last) ?? this.projects[0];
    return known?.project_id ?? "";
  }

  private async enter(entering: Promise<unknown>, refused: (problem: Problem) => void): Promise<void> {
    try {
      await entering;
    } catch (error) {
      refused(problemOf(error));
      return;
    }
    if (location.hash.startsWith("#invitation")) history.replaceState(null, "", location.pathname);
    await this.open();
  }

  private async load(): Promise<void> {
    [this.places, this.vehicles, this.layouts, this.countries] = await Promise.all([
      client.places(),
      client.vehicles(),
      client.layouts(),
      client.countries(),
    ]);
    this.state.choices.vehicles = this.vehicles
      .filter((vehicle) => vehicle.is_default)
      .map((vehicle) => vehicle.name);
  }

  private async openWhatTheAddressSays(): Promise<void> {
    const asked = new URLSearchParams(location.hash.slice(1));
    const [plan, job] = [asked.get("plan"), asked.get("job")];
    if (plan) await this.openPlan(this.inProjectOf(await client.plan(plan)));
    else if (job) await this.followPlan(this.inProjectOf(await client.job(job)));
    else if (this.places[0]) await this.openPlace(this.places[0]);
  }

  /** Work in the project that something belongs to. */
  private inProjectOf<Item extends { project_id: string }>(item: Item): Item {
    sessionStorage.setItem(PROJECT, item.project_id);
    return item;
  }

  async openPlace(place: Place): Promise<void> {
    this.state.source = { kind: "place", place };
    this.state.area = { kind: "own" };
    await this.attempt(`Opening ${place.name}`, async (run) => {
      await this.look({ place: place.place, margin_m: this.state.choices.margin_m }, run, { withZone: true });
      this.go({ kind: "setup", problem: null });
    });
  }

  async openExtract(file: File): Promise<void> {
    await this.attempt(`Reading ${file.name}`, async (run) => {
      const done = await this.finish(await client.send(this.project, "extract", file), run);
      const extract = (await client.upload(done.result_id)) as Extract;
      this.state.source = { kind: "extract", extract };
      this.state.area = { kind: "square", centre: null };
      this.state.view = null;
      this.map.clear();
      this.map.fit(extract.record.covered);
      await this.look({ ...around(this.map.middle), extract_id: extract.upload_id }, run, {
        withZone: false,
      });
      this.go({ kind: "setup", problem: null });
    });
  }

  /** Send in a raster of heights; it is read before it counts. */
  async sendHeights(file: File): Promise<Upload> {
    const sent = await client.send(this.project, "heights", file);
    const done = await client.follow(sent, { onProgress: () => {}, onConnection: () => {} });
    return client.upload(done.result_id);
  }

  /** Put the surroundings of a point on the map. */
  async lookAt(centre: Centre): Promise<void> {
    const { source, area } = this.state;
    if (!source) return;
    if (area.kind === "own") this.state.area = { kind: "drawn", zone: null };
    await this.attempt("Opening this part of the map", async (run) => {
      await this.look({ ...around(centre), ...sourceRequest(source) }, run, { withZone: false });
      this.go({ kind: "setup", problem: null });
    });
  }

  // ---------------------------------------------------------------- planning

  async makePlan(): Promise<void> {
    const request = siteRequest(this.state);
    if (!request) return;
    await this.attempt("Making the site ready", async (run) => {
      const site = await this.look(request, run, { withZone: true });
      const { margin_m: _, ...asked } = this.state.choices;
      await this.followPlan(await client.makePlan(site.site_id, asked));
    });
  }

  private async followPlan(started: Job): Promise<void> {
    remember("job", started.job_id);
    await this.attempt("Planning", async (run) => {
      const done = await this.finish(started, run);
      await this.openPlan(await client.plan(done.result_id));
    });
  }

  private async openPlan(plan: Plan): Promise<void> {
    if (this.state.view?.site.site_id !== plan.site_id) await this.restore(plan);
    const layers = await client.planLayers(plan);
    this.map.showDraft(null);
    this.map.showPlan(layers, null);
    this.map.fit(this.state.view?.layers.zone ?? layers.barriers, { around: 0.5 });
    remember("plan", plan.plan_id);
    this.go({ kind: "result", plan, layers });
    announce(`The plan ${plan.verdict.standing}.`);
  }

  /** Choose what a plan from the address was made with. */
  private async restore(plan: Plan): Promise<void> {
    const site = await client.site(plan.site_id);
    const { place, extract_id, zone, centre, radius_m, margin_m } = site.request;
    const shipped = this.places.find((known) => known.place === place);
    if (shipped) this.state.source = { kind: "place", place: shipped };
    else if (extract_id)
      this.state.source = { kind: "extract", extract: (await client.upload(extract_id)) as Extract };
    if (zone) this.state.area = { kind: "drawn", zone };
    else if (centre && radius_m) this.state.area = { kind: "circle", centre, radius_m };
    else if (centre) this.state.area = { kind: "square", centre };
    this.state.choices = { ...plan.request, margin_m: margin_m ?? this.state.choices.margin_m };
    await this.present(site, { withZone: true });
  }

  change(): void {
    remember(null, "");
    this.map.clearPlan();
    this.go({ kind: "setup", problem: null });
  }

  async stop(run: Run): Promise<void> {
    if (!run.job) return;
    run.isStopping = true;
    this.go({ kind: "running", run });
    await client.stop(run.job.job_id);
  }

  // ---------------------------------------------------------------- how

  private async look(request: SiteRequest, run: Run, shown: { withZone: boolean }): Promise<Site> {
    const done = await this.finish(await client.makeSite(this.project, request), run);
    const site = await client.site(done.result_id);
    await this.present(site, shown);
    return site;
  }

  private async present(site: Site, shown: { withZone: boolean }): Promise<void> {
    const layers = await client.siteLayers(site);
    this.state.view = { site, layers };
    this.map.clearPlan();
    this.map.showDraft(null);
    this.map.showSite(layers, shown);
    this.map.fit(layers.study_area);
  }

  private async finish(job: Job, run: Run): Promise<Job> {
    Object.assign(run, { job, progress: null, stages: [] });
    this.go({ kind: "running", run });
    return client.follow(job, {
      onProgress: (progress) => {
        note(run, progress);
        this.go({ kind: "running", run });
      },
      onConnection: (isThere) => {
        run.isConnected = isThere;
        this.go({ kind: "running", run });
      },
    });
  }

  /** Run something long; where it fails the planner is back at the choices with the reason. */
  private async attempt(title: string, work: (run: Run) => Promise<void>): Promise<void> {
    const run: Run = { title, job: null, progress: null, stages: [], isConnected: true, isStopping: false };
    this.map.endTasks();
    this.map.showDraft(draftOf(this.state.area));
    this.go({ kind: "running", run });
    try {
      await work(run);
    } catch (error) {
      remember(null, "");
      const problem = error instanceof StoppedError ? null : problemOf(error);
      announce(problem ? problem.detail : "Stopped.");
      if (this.state.source) this.go({ kind: "setup", problem });
      else if (problem) this.go({ kind: "trouble", problem });
    }
  }

  private go(screen: Screen): void {
    this.screen = screen;
    this.show(screen);
  }
}

async function ownProjects(isAdministrator: boolean): Promise<Project[]> {
  const found = await client.projects();
  if (found.length) return found;
  if (isAdministrator) return [await client.makeProject("First project")];
  throw new ProblemError({
    type: "about:blank",
    title: "No project yet",
    status: 0,
    detail: "You are in no project; ask whoever administers the service to add you to one.",
  });
}

function around(centre: Centre): SiteRequest {
  return { centre, radius_m: LOOK_RADIUS_M, margin_m: LOOK_MARGIN_M };
}

function note(run: Run, progress: Progress): void {
  const last = run.stages.at(-1);
  if (last?.stage === progress.stage) last.seconds = progress.seconds;
  else run.stages.push({ stage: progress.stage, seconds: progress.seconds });
  run.progress = progress;
}

/** Keep in the address what a reload must find again. */
function remember(name: "job" | "plan" | null, id: string): void {
  history.replaceState(null, "", name ? `#${name}=${id}` : location.pathname);
}

function problemOf(error: unknown): Problem {
  if (error instanceof ProblemError) return error.problem;
  console.error(error);
  return { type: "about:blank", title: "A fault of this page", status: 0, detail: String(error) };
}
