// What the judge says, as a sign, a word and a sentence: colour never stands alone.

import type { Standing } from "./types";

export const VERDICTS: Record<Standing, { sign: string; word: string; meaning: string; className: string }> =
  {
    holds: {
      sign: "✔",
      word: "HOLDS",
      meaning: "No vehicle of the threat's width gets in; everyone else does.",
      className: "holds",
    },
    "holds on condition": {
      sign: "▲",
      word: "HOLDS ON CONDITION",
      meaning: "Closed and passable; some points must be settled first.",
      className: "conditional",
    },
    fails: {
      sign: "✖",
      word: "FAILS",
      meaning: "At least one check failed: this is not a plan to build.",
      className: "fails",
    },
  };
