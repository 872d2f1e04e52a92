// What the service says, in its own names: lengths in m, masses in kg, speeds in km/h.

import type { FeatureCollection, MultiPolygon, Point, Polygon } from "geojson";

export type { Polygon };
export type Zone = Polygon | MultiPolygon;

export interface Place {
  place: string;
  name: string;
}

export interface Vehicle {
  name: string;
  description: string;
  mass_kg: number;
  width_m: number;
  length_m: number;
  top_speed_kmh: number;
  standing: string;
  is_default: boolean;
}

export interface LayoutChoice {
  layout: LayoutName;
  description: string;
}

export type LayoutName = "permanent" | "temporary" | "mixed";

export interface Centre {
  longitude_deg: number;
  latitude_deg: number;
}

export interface SiteRequest {
  place?: string;
  extract_id?: string;
  centre?: Centre;
  radius_m?: number;
  zone?: Zone;
  margin_m?: number;
}

export interface PlanRequest {
  vehicles: string[];
  layout: LayoutName;
  openable: number;
  country: string | null;
  engine_distance_m: number | null;
  people: number;
  exit_minutes: number;
  second_line: boolean;
  events: EventDays[];
  resolution_m: number;
  headings: number;
  entry_speed_kmh: number | null;
  drive: Drive;
  grip: Grip;
  max_approach_m: number | null;
  speed_limit_kmh: number | null;
  heights_id: string | null;
}

/** Days of a year on which more people than usual stand on the place. */
export interface EventDays {
  name: string;
  date_from: string;
  date_to: string;
  opens: string;
  closes: string;
  people: number;
}

/** A country whose rules of access are known. */
export interface Country {
  country: string;
  name: string;
  rules: { figure: string; value: number; source: string; standing: string }[];
}

/** Which law of acceleration holds. */
export type Drive = "detailed" | "screening";

/** Which grip bends are taken with; all but design are less safe. */
export type Grip = "design" | "surface" | "wet";

export interface Problem {
  type: string;
  title: string;
  status: number;
  detail: string;
  instance?: string | null;
  faults?: string[] | null;
}

export type JobState = "queued" | "running" | "done" | "failed" | "cancelled";

export interface Job {
  job_id: string;
  project_id: string;
  kind: "upload" | "site" | "assessment" | "plan";
  state: JobState;
  created: string;
  started: string | null;
  finished: string | null;
  result_id: string;
  result: string;
  events: string;
  error: Problem | null;
}

export interface Progress {
  stage: string;
  share: number;
  note: string;
  seconds: number;
}

/** A file that was sent in; of an extract `record` says where its data speaks. */
export interface Upload {
  upload_id: string;
  project_id: string;
  kind: "extract" | "layers" | "heights" | "catalogue";
  file_name: string;
  bytes: number;
  record: Record<string, unknown>;
}

/** A map extract that could be read. */
export interface Extract extends Upload {
  kind: "extract";
  record: { date: string; covered: Polygon; attribution: string };
}

/** Some rows of a list, and where the next ones are. */
export interface Page<Item> {
  items: Item[];
  next: string | null;
}

/** Who is signed in. */
export interface Who {
  user: User | null;
  /** Address that signs in through the city's own provider. */
  oidc: string | null;
}

export interface User {
  user_id: string;
  name: string;
  is_administrator: boolean;
}

/** What a link is for; without a name it sets the service up. */
export interface Invited {
  name: string | null;
  expires: string;
}

/** The place where some people plan together. */
export interface Project {
  project_id: string;
  name: string;
  description: string;
  role: Role | null;
  /** What an approval needs first. */
  sign_offs: Discipline[];
  revision: number;
}

export type Role = "planner" | "reviewer" | "approver" | "viewer" | "private_operator";
export type Discipline = "police" | "fire" | "accessibility" | "heritage";

/** What somebody is in a project. */
export interface Member {
  user_id: string;
  name: string;
  role: Role;
  disciplines: Discipline[];
}

export interface ReportRow {
  topic: string;
  item: string;
  count: number | null;
  note: string;
}

export interface Site {
  site_id: string;
  project_id: string;
  name: string;
  created: string;
  request: SiteRequest;
  crs: string;
  zone_area_m2: number;
  report: ReportRow[];
  layers: Record<string, string>;
  attribution: string;
}

export type Standing = "holds" | "holds on condition" | "fails";

export interface Check {
  name: string;
  question: string;
  width_m: number;
  passes: boolean | null;
  wanted: boolean;
  holds: boolean;
  note: string;
}

export interface Verdict {
  standing: Standing;
  holds: boolean;
  checks: Check[];
  conditions: string[];
  gaps: number;
  widest_gap_mm: number | null;
}

/** What the page shows of summary.json; the file holds more. */
export interface Summary {
  units: { count: number; lines: number; length_m: number; widest_gap_mm: number | null };
  cost: {
    low: number;
    high: number;
    currency: string | null;
    year: number | null;
    standing: string | null;
  };
  closures: { streets: ClosedStreet[] };
}

export interface ClosedStreet {
  name: string;
  length_m: number;
  treatment: string;
}

export interface PlanFile {
  name: string;
  bytes: number;
  media_type: string;
  href: string;
}

export type PlanState = "draft" | "in_review" | "changes_asked" | "approved";

/** A name over plans, each a version; the newest counts. */
export interface Proposal {
  proposal_id: string;
  project_id: string;
  site_id: string;
  name: string;
  created: string;
  created_by: string | null;
  revision: number;
  newest: string | null;
  /** Of the newest version. */
  number: number | null;
  state: PlanState | null;
  standing: Standing | null;
  cost: CostRange | null;
}

export interface CostRange {
  low: number;
  high: number;
  currency: string | null;
}

export interface Plan {
  plan_id: string;
  project_id: string;
  proposal_id: string;
  number: number;
  state: PlanState;
  site_id: string;
  content_hash: string;
  created: string;
  created_by: string | null;
  request: PlanRequest;
  verdict: Verdict;
  summary: Summary;
  text: string;
  layers: Record<string, string>;
  files: PlanFile[];
  archive: string;
  map: string;
  attribution: string;
}

// ---------------------------------------------------------------- what people say about a plan

export type Decision = "signed" | "changes_asked";

/** Where a plan is on its way, and which sign-offs an approval still waits for. */
export interface ReviewState {
  plan_id: string;
  state: PlanState;
  content_hash: string;
  submitted: string | null;
  submitted_by: string | null;
  decided: string | null;
  decided_by: string | null;
  missing: Discipline[];
  reviews: Review[];
}

/** What one discipline said; its last word counts. */
export interface Review {
  review_id: string;
  discipline: Discipline;
  decision: Decision;
  text: string;
  content_hash: string;
  created: string;
  created_by: string | null;
}

/** Restricted: members of the project; public: anybody. */
export type Audience = "restricted" | "public";

export interface CommentRequest {
  text: string;
  place: Point | null;
  line_id: string | null;
  answers: string | null;
  audience: Audience;
}

export interface Comment {
  comment_id: string;
  plan_id: string | null;
  answers: string | null;
  text: string;
  place: Point | null;
  line_id: string | null;
  audience: Audience;
  is_resolved: boolean;
  created: string;
  created_by: string | null;
  revision: number;
}

/** A copy of a plan for one audience. */
export interface Copy {
  export_id: string;
  audience: Audience;
  label: string;
  bytes: number;
  file: string;
  /** Where anybody may read it, once it is released. */
  public: string | null;
  created: string;
  created_by: string | null;
}

/** What of the newest plan in review or approved stands on somebody's own ground. */
export interface Frontage {
  plan_id: string | null;
  state: PlanState | null;
  furniture: FeatureCollection<Polygon | MultiPolygon, Piece>;
  comments: Comment[];
}

export interface Piece {
  kind: string;
  width_m: number;
  depth_m: number;
}

// ---------------------------------------------------------------- who comes in, and what happens

/** What somebody is in a project, with the ground of a private operator. */
export interface MemberRequest {
  role: Role;
  disciplines: Discipline[];
  frontage: Polygon | null;
}

/** A user, for who administers the service. */
export interface Account extends User {
  is_active: boolean;
  has_password: boolean;
  has_provider: boolean;
  locked_until: string | null;
  created: string;
  revision: number;
}

/** Whoever is signed in, for himself. */
export interface Own extends User {
  has_password: boolean;
  has_provider: boolean;
}

/** A link that works once; it is shown once. */
export interface Invitation {
  link: string;
  expires: string;
}

export type Scope = "read" | "write";

/** What lets a program in, without its secret. */
export interface Token {
  token_id: string;
  name: string;
  scope: Scope;
  project_id: string | null;
  created: string;
  expires: string;
  last_used: string | null;
  revoked: boolean;
}

export interface TokenRequest {
  name: string;
  scope: Scope;
  project_id: string | null;
  expires: string;
}

export interface TokenMade extends Token {
  secret: string;
}

/** An event of a project's calendar. */
export interface CalendarEvent extends EventDays {
  event_id: string;
  project_id: string;
  revision: number;
}

/** One thing that somebody did. */
export interface Deed {
  audit_id: number;
  at: string;
  user_id: string | null;
  token_id: string | null;
  action: string;
  project_id: string | null;
  item_id: string | null;
  status: number;
}

// ---------------------------------------------------------------- two plans side by side

export interface Comparison {
  comparison_id: string;
  plan_a: string;
  plan_b: string;
  units: Record<string, number>;
  measures: Measure[];
  changes: Change[];
}

export interface Measure {
  measure: string;
  /** "1" for a number, "" for words. */
  unit: string;
  before: number | string | null;
  after: number | string | null;
}

export type Kind = "same" | "moved" | "other product" | "added" | "removed";

/** What became of a unit; its id is empty where a plan does not have it. */
export interface Change {
  change: Kind;
  words: string;
  unit_before: string;
  unit_after: string;
}
