import { expect, test } from "vitest";
import { bytes, costRange, count, kmh, metres, plainKind, streetName, tonnes } from "../src/words";

test("short lengths keep a tenth of a metre, long ones do not", () => {
  expect(metres(3.26)).toBe("3.3\u00a0m");
  expect(metres(123.4)).toBe("123\u00a0m");
});

test("units follow the figure", () => {
  expect(kmh(47.6)).toBe("48\u00a0km/h");
  expect(tonnes(7200)).toBe("7.2\u00a0t");
  expect(bytes(999)).toBe("999 bytes");
  expect(bytes(1_234_567)).toBe("1.2 MB");
});

test("a cost shows no more digits than it has", () => {
  expect(costRange(123_456, 234_567, "EUR")).toBe("123,000 to 235,000 EUR");
});

test("one of a thing is singular", () => {
  expect(count(1, "gap")).toBe("1 gap");
  expect(count(0, "gap")).toBe("0 gaps");
});

test("names of the tables are written for people", () => {
  expect(plainKind("fixed_bollard")).toBe("fixed bollard");
  expect(streetName("")).toBe("unnamed way");
});
