import { expect, test } from "vitest";
import {
  SPEED_COLOURS,
  SPEED_STEPS_KMH,
  speedClass,
  speedColour,
  speedWeight,
  speedWords,
} from "../src/colours";

test("a speed on a step is in the class below it, as a product tested at it answers it", () => {
  expect([0, 32, 32.1, 80, 112.1].map(speedClass)).toEqual([0, 1, 2, 4, 7]);
});

test("every class has words, a colour of its own and its own width", () => {
  const classes = Array.from({ length: SPEED_STEPS_KMH.length + 2 }, (_, group) => group);
  expect(classes.map(speedWords)).toEqual([
    "not reached",
    "up to 32 km/h",
    "32 to 48 km/h",
    "48 to 64 km/h",
    "64 to 80 km/h",
    "80 to 96 km/h",
    "96 to 112 km/h",
    "over 112 km/h",
  ]);
  expect(new Set(classes.map(speedColour)).size).toBe(classes.length);
  expect(new Set(classes.map(speedWeight)).size).toBe(classes.length);
});

test("each faster class is darker, so that lightness alone tells the order", () => {
  const lightness = SPEED_COLOURS.map((colour) => {
    const [red, green, blue] = [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16)) as [
      number,
      number,
      number,
    ];
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  });
  expect(lightness).toEqual([...lightness].sort((one, other) => other - one));
});
