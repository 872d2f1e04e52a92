import { expect, test } from "vitest";
import { countsInWords, rowsOf } from "../src/differences";
import type { Comparison, Measure } from "../src/types";

const measure = (
  name: string,
  unit: string,
  before: Measure["before"],
  after: Measure["after"],
): Measure => ({
  measure: name,
  unit,
  before,
  after,
});

test("what differs comes first, and what neither plan has is left out", () => {
  const rows = rowsOf([
    measure("lines", "1", 2, 2),
    measure("exits", "m", null, null),
    measure("widest_gap", "mm", 1187.9, 1170),
    measure("check swept:L1", "", "holds", "fails"),
  ]);
  expect(rows.map(({ name }) => name)).toEqual(["Widest clear gap", "Check: swept:L1", "Lines"]);
  expect(rows[0]).toMatchObject({ before: "1,188\u00a0mm", after: "1,170\u00a0mm", isSame: false });
});

test("money bears three digits and keeps its currency", () => {
  const [row] = rowsOf([measure("cost_low", "EUR", 916500, null)]);
  expect(row).toMatchObject({ before: "917,000 EUR", after: "none" });
});

test("units are counted by what became of them", () => {
  const of = (units: Record<string, number>) => countsInWords({ units } as Comparison);
  expect(of({ added: 12, removed: 66, same: 1 })).toBe("Units: 1 the same, 12 only here, 66 only there.");
  expect(of({})).toBe("Neither has units.");
});
