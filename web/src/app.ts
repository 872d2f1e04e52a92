// What happens when: from the first place to a plan, and back.

import { remember, remembered } from "./address";
import * as client from "./client";
import { StoppedError, problemOf } from "./client";
import { DESKS, deskOf } from "./desks";
import type { Desk } from "./desks";
import { announce } from "./dom";
import type { MapView } from "./map/view";
import { opened } from "./opened";
import { chosenOf, enter, ownProjects } from "./projects";
import { may } from "./rights";
import type { Need } from "./rights";
import { finish, newRun } from "./running";
import { DEFAULT_CHOICES, around, draftOf, siteRequest, sourceRequest, versionOf, zoneOf } from "./state";
import type { Choices, Run, Screen, State, View } from "./state";
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
  Project,
  Proposal,
  Site,
  SiteRequest,
  Upload,
  Vehicle,
  Who,
} from "./types";

const PROPOSALS_AT_A_TIME = 12;

/** Somebody went elsewhere on the page while work went on. */
class LeftError extends Error {}

export class App {
  readonly state: State = {
    source: null,
    view: null,
    area: { kind: "own" },
    choices: { ...DEFAULT_CHOICES },
    name: "",
    from: null,
    asVersion: true,
  };
  places: Place[] = [];
  vehicles: Vehicle[] = [];
  layouts: LayoutChoice[] = [];
  countries: Country[] = [];
  who: Who = { user: null, oidc: null };
  projects: Project[] = [];
  /** Whether the project has proposals to go back to. */
  hasProposals = false;
  /** The part of an open plan that is looked at, whichever version it is. */
  tab = "plan";
  screen: Screen = { kind: "opening" };

  constructor(
    readonly map: MapView,
    private readonly show: (screen: Screen) => void,
  ) {}

  // ---------------------------------------------------------------- opening

  async open(): Promise<void> {
    try {
      const secret = remembered("invitation");
      if (secret) {
        this.go({ kind: "invitation", secret, invited: await client.invitation(secret), problem: null });
        return;
      }
      this.who = await client.session();
      if (!this.who.user) {
        this.go({ kind: "sign in", problem: null });
        return;
      }
      this.go({ kind: "opening" });
      this.projects = await ownProjects(this.who.user.is_administrator);
      await this.load();
      await this.openWhatTheAddressSays();
    } catch (error) {
      this.go({ kind: "trouble", problem: problemOf(error) });
    }
  }

  async signIn(name: string, password: string): Promise<void> {
    await this.comeIn(client.signIn(name, password), (problem) => this.go({ kind: "sign in", problem }));
  }

  async accept(secret: string, invited: Invited, name: string, password: string): Promise<void> {
    await this.comeIn(client.accept(secret, invited.name === null ? name : null, password), (problem) =>
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
    enter(projectId);
    history.replaceState(null, "", location.pathname);
    location.reload();
  }

  /** The project that is worked in. */
  get project(): Project | undefined {
    return chosenOf(this.projects);
  }

  /** Whether whoever is signed in may do something in this project. */
  may(need: Need): boolean {
    const { user } = this.who;
    return user !== null && may({ ...user, role: this.project?.role ?? null }, need);
  }

  private get projectId(): string {
    return this.project?.project_id ?? "";
  }

  private async comeIn(entering: Promise<unknown>, refused: (problem: Problem) => void): Promise<void> {
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
    this.state.choices = this.usualChoices;
  }

  private get usualChoices(): Choices {
    const usual = this.vehicles.filter((vehicle) => vehicle.is_default);
    return { ...DEFAULT_CHOICES, vehicles: usual.map((vehicle) => vehicle.name) };
  }

  /** Go where the address leads now: a link of the page was followed, or the way back. */
  async followAddress(): Promise<void> {
    if (remembered("invitation")) return this.open();
    if (!this.who.user) return;
    try {
      await this.openWhatTheAddressSays();
    } catch (error) {
      await this.home(problemOf(error));
    }
  }

  private async openWhatTheAddressSays(): Promise<void> {
    const [plan, job, desk] = [remembered("plan"), remembered("job"), deskOf(remembered("desk"))];
    if (desk && desk.name !== "proposals") await this.openDesk(desk);
    else if (plan) {
      this.go({ kind: "opening" });
      await this.openPlan(this.inProjectOf(await client.plan(plan)));
    } else if (job) await this.followPlan(this.inProjectOf(await client.job(job)));
    else await this.home();
  }

  /** Work in the project that something belongs to. */
  private inProjectOf<Item extends { project_id: string }>(item: Item): Item {
    enter(item.project_id);
    return item;
  }

  // ---------------------------------------------------------------- proposals

  /** What there is already; who may plan and finds nothing begins at once. */
  async home(problem: Problem | null = null): Promise<void> {
    remember(null, "");
    this.tab = "plan";
    this.map.endTasks();
    this.map.clearPlan();
    this.map.showDraft(null);
    try {
      if (this.may("read")) await this.listProposals(problem);
      else await this.openFrontage();
    } catch (error) {
      this.go({ kind: "trouble", problem: problemOf(error) });
    }
  }

  private async openDesk(desk: Desk): Promise<void> {
    this.map.endTasks();
    this.map.clearPlan();
    this.map.showDraft(null);
    this.go({ kind: "desk", desk: desk.name });
    if (!desk.hasMap || this.state.view) return;
    const { items } = await client.proposals(this.projectId, 1);
    if (items[0]) this.put(await viewOf(await client.site(items[0].site_id)), { withZone: true });
  }

  /** What of the page somebody may open. */
  get desks(): Desk[] {
    return DESKS.filter(({ need }) => need === null || this.may(need));
  }

  /** The projects are others now. */
  async renewProjects(): Promise<void> {
    this.projects = await client.projects();
  }

  private async listProposals(problem: Problem | null): Promise<void> {
    const proposals = await client.proposals(this.projectId, PROPOSALS_AT_A_TIME);
    this.hasProposals = proposals.items.length > 0;
    if (!this.hasProposals && !problem && this.may("plan")) return this.begin();
    const screen: Screen = { kind: "proposals", proposals, problem };
    this.go(screen);
    const [newest] = proposals.items;
    if (!newest) return;
    const view = await viewOf(await client.site(newest.site_id));
    if (this.screen === screen) this.put(view, { withZone: true });
  }

  private async openFrontage(): Promise<void> {
    const frontage = await client.frontage(this.projectId);
    this.go({ kind: "frontage", frontage });
    this.map.showFrontage(frontage);
  }

  /** Plan something that is no version of anything. */
  async begin(): Promise<void> {
    Object.assign(this.state, { from: null, name: "", choices: this.usualChoices });
    if (this.places[0]) await this.openPlace(this.places[0]);
  }

  async openProposal({ newest }: Proposal): Promise<void> {
    if (newest) await this.openVersion(newest);
  }

  async openVersion(planId: string): Promise<void> {
    this.go({ kind: "opening" });
    try {
      await this.openPlan(await client.plan(planId));
    } catch (error) {
      await this.home(problemOf(error));
    }
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
      const done = await this.finish(await client.send(this.projectId, "extract", file), run);
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
    const sent = await client.send(this.projectId, "heights", file);
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
    const { margin_m: _, ...asked } = this.state.choices;
    const version = versionOf(this.state);
    await this.attempt("Making the site ready", async (run) => {
      if (version) return this.followPlan(await client.makeVersion(version, asked));
      const site = await this.look(request, run, { withZone: true });
      await this.followPlan(await client.makeProposal(site.site_id, this.state.name, asked));
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
    const { user } = this.who;
    if (!user) return;
    const [found, site] = await Promise.all([opened(plan, this.project, user), client.site(plan.site_id)]);
    await this.restore(plan, site);
    const { layers } = found;
    this.map.endTasks();
    this.map.showDraft(null);
    this.map.showPlan(layers, null);
    this.map.fit(this.state.view?.layers.zone ?? layers.barriers, { around: 0.5 });
    this.hasProposals = true;
    remember("plan", plan.plan_id);
    this.go({ kind: "plan", opened: found });
    announce(`${found.proposal.name}, version ${plan.number}: the plan ${plan.verdict.standing}.`);
  }

  /** Choose what a plan was made with, and put its site on the map. */
  private async restore(plan: Plan, site: Site): Promise<void> {
    const { place, extract_id, zone, centre, radius_m, margin_m } = site.request;
    const shipped = this.places.find((known) => known.place === place);
    if (shipped) this.state.source = { kind: "place", place: shipped };
    else if (extract_id)
      this.state.source = { kind: "extract", extract: (await client.upload(extract_id)) as Extract };
    if (zone) this.state.area = { kind: "drawn", zone };
    else if (centre && radius_m) this.state.area = { kind: "circle", centre, radius_m };
    else if (centre) this.state.area = { kind: "square", centre };
    else this.state.area = { kind: "own" };
    this.state.choices = { ...plan.request, margin_m: margin_m ?? this.state.choices.margin_m };
    if (this.state.view?.site.site_id === site.site_id) {
      this.map.clearPlan();
      this.map.showSite(this.state.view.layers, { withZone: true });
    } else this.put(await viewOf(site), { withZone: true });
  }

  /** Plan again from what a plan was made with. */
  change(proposal: Proposal): void {
    remember(null, "");
    this.map.endTasks();
    this.map.clearPlan();
    Object.assign(this.state, { from: { proposal, zone: zoneOf(this.state) }, asVersion: true, name: "" });
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
    const done = await this.finish(await client.makeSite(this.projectId, request), run);
    const site = await client.site(done.result_id);
    this.put(await viewOf(site), shown);
    return site;
  }

  private put(view: View, shown: { withZone: boolean }): void {
    this.state.view = view;
    this.map.clearPlan();
    this.map.showDraft(null);
    this.map.showSite(view.layers, shown);
    this.map.fit(view.layers.study_area);
  }

  private async finish(job: Job, run: Run): Promise<Job> {
    const done = await finish(job, run, () => {
      if (this.isAt(run)) this.go({ kind: "running", run });
    });
    if (!this.isAt(run)) throw new LeftError();
    return done;
  }

  /** Whether this work is still what is looked at. */
  private isAt(run: Run): boolean {
    return this.screen.kind === "running" && this.screen.run === run;
  }

  /** Run something long; where it fails the planner is back at the choices with the reason. */
  private async attempt(title: string, work: (run: Run) => Promise<void>): Promise<void> {
    const run = newRun(title);
    this.map.endTasks();
    this.map.showDraft(draftOf(this.state.area));
    this.go({ kind: "running", run });
    try {
      await work(run);
    } catch (error) {
      // The work goes on, and whoever went elsewhere stays there.
      if (error instanceof LeftError || !this.isAt(run)) return announce(`${title}: see Work.`);
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

async function viewOf(site: Site): Promise<View> {
  return { site, layers: await client.siteLayers(site) };
}
