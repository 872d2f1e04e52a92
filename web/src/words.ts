// Figures into words, with their units; a no-break space holds the two together.

export const WHOLE = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const TENTH = new Intl.NumberFormat("en", { maximumFractionDigits: 1 });

export const metres = (length_m: number): string =>
  `${length_m < 20 ? TENTH.format(length_m) : WHOLE.format(length_m)}\u00a0m`;
export const kmh = (speed_kmh: number): string => `${WHOLE.format(speed_kmh)}\u00a0km/h`;
export const kilojoule = (energy_kj: number): string => `${WHOLE.format(energy_kj)}\u00a0kJ`;
export const tonnes = (mass_kg: number): string => `${TENTH.format(mass_kg / 1000)}\u00a0t`;
export const millimetres = (width_mm: number): string => `${WHOLE.format(width_mm)}\u00a0mm`;
export const degrees = (angle_deg: number): string => `${WHOLE.format(angle_deg)}°`;
export const squareMetres = (area_m2: number): string => `${WHOLE.format(area_m2)}\u00a0m²`;
export const seconds = (time_s: number): string =>
  time_s < 10 ? `${TENTH.format(time_s)}\u00a0s` : `${WHOLE.format(time_s)}\u00a0s`;

/** 1234567 bytes are "1.2 MB". */
export function bytes(size: number): string {
  if (size < 1000) return `${size} bytes`;
  return size < 1_000_000 ? `${WHOLE.format(size / 1000)} kB` : `${TENTH.format(size / 1_000_000)} MB`;
}

/** A range of cost, rounded to what such a figure can bear: three digits. */
export function costRange(low: number, high: number, currency: string): string {
  const money = new Intl.NumberFormat("en", { maximumSignificantDigits: 3 });
  return `${money.format(low)} to ${money.format(high)} ${currency}`;
}

/** "1 gap", "2 gaps". */
export function count(number: number, noun: string, plural = `${noun}s`): string {
  return `${WHOLE.format(number)} ${number === 1 ? noun : plural}`;
}

/** "fixed_bollard" is "fixed bollard". */
export const plainKind = (kind: string): string => kind.replaceAll("_", " ");

/** A street without a name is said to have none. */
export const streetName = (name: string): string => name || "unnamed way";

const MOMENT = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "short" });

const DAY = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeZone: "UTC" });

/** "22 Nov 2027", or "22 Nov – 23 Dec 2027". */
export const dayRange = (from: string, to: string): string => DAY.formatRange(new Date(from), new Date(to));

/** "22 Nov 2026, 14:05", by the clock of whoever reads. */
export const moment = (at: string): string => MOMENT.format(new Date(at));
