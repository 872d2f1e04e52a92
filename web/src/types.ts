// What the service says, in its own names: lengths in m, masses in kg, speeds in km/h.

import type {
  Feature,
  FeatureCollection,
  Geometry,
  LineString,
  MultiLineString,
  MultiPolygon,
  Point,
  Polygon,
} from "geojson";

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
  user: { user_id: string; name: string; is_administrator: boolean } | null;
  /** Address that signs in through the city's own provider. */
  oidc: string | null;
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
  role: string | null;
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

export interface Plan {
  plan_id: string;
  project_id: string;
  proposal_id: string;
  number: number;
  state: PlanState;
  site_id: string;
  created: string;
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

// ---------------------------------------------------------------- rows of the layers

export interface Solid {
  solid_id: string;
  kind: string;
}

export interface Street {
  street_id: string;
  name: string;
  highway: string;
  width_m: number;
  stays_open: boolean;
  reason: string;
}

export interface PerimeterPoint {
  perimeter_id: string;
  vehicle: string;
  distance_m: number;
  speed_kmh: number;
  speed_lower_kmh: number;
  normal_speed_kmh: number;
  angle_deg: number | null;
  energy_kj: number;
  approach_length_m: number;
  corridor_id: string;
}

export interface Corridor {
  corridor_id: string;
  rank: number;
  vehicle: string;
  entry_id: string;
  street: string;
  speed_kmh: number;
  energy_kj: number;
  length_m: number;
}

interface Rating {
  line_id: string;
  layout: LayoutName;
  kind: string;
  product_id: string;
  vehicle: string;
  mass_kg: number;
  speed_kmh: number;
  energy_kj: number;
  angle_deg: number | null;
  openable: boolean;
  cost_low: number;
  cost_high: number;
  currency: string;
  cost_year: number;
  source: string;
  standing: string;
}

export interface Barrier extends Rating {
  length_m: number;
  units: number;
  rated_vehicle: string;
  rated_mass_kg: number;
  rated_speed_kmh: number;
  strength: "tested" | "by_energy" | "short";
  penetration_m: number | null;
}

export interface Unit extends Rating {
  unit_id: string;
  width_m: number;
  depth_m: number;
  gap_before_mm: number;
  gap_after_mm: number;
}

export interface Gap {
  gap_id: string;
  width_mm: number;
  between: string;
}

export interface Closure {
  street_id: string;
  name: string;
  highway: string;
  length_m: number;
  treatment: "closed" | "openable lane";
}

export type Layer<Shape extends Geometry, Row> = FeatureCollection<Shape, Row>;
export type Row<Shape extends Geometry, Properties> = Feature<Shape, Properties>;
export type Lines = LineString | MultiLineString;
export type Areas = Polygon | MultiPolygon;

export interface SiteLayers {
  study_area: Layer<Areas, { name: string }>;
  zone: Layer<Areas, { name: string }>;
  solids: Layer<Areas, Solid>;
  streets: Layer<Lines, Street>;
  furniture: Layer<Geometry, { kind: string; standing: string }>;
  entries: Layer<Lines, { street: string; width_m: number }>;
  demands: Layer<Point, { name: string }>;
}

export interface PlanLayers {
  perimeter: Layer<Point, PerimeterPoint>;
  corridors: Layer<Lines, Corridor>;
  barriers: Layer<Lines, Barrier>;
  footprints: Layer<Areas, Unit>;
  gaps: Layer<Lines, Gap>;
  closures: Layer<Lines, Closure>;
}
