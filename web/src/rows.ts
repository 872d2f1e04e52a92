// What the layers of a site and of a plan hold, row by row: lengths in m, speeds in km/h.

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
import type { LayoutName } from "./types";

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
