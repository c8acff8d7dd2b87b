import { expect, test } from "vitest";
import { duration, instant, number, percent, usd } from "../../src/format";

test("what is not there is a dash and never a zero", () => {
  for (const nothing of [null, undefined, NaN]) expect(number(nothing)).toBe("–");
  expect(usd(null)).toBe("–");
  expect(percent(undefined)).toBe("–");
  expect(number(0)).toBe("0");
});

test("numbers have three digits, and all before the point", () => {
  expect([0.37652, 36.5381, 482.98, 1408.29, 66471].map(number)).toEqual(["0.377", "36.5", "483", "1,408", "66,471"]);
});

test("prices have the digits that matter", () => {
  expect([0.0363, 0.38, 20.2, 14746].map(usd)).toEqual(["$0.0363", "$0.38", "$20.20", "$14,746"]);
});

test("instants are in UTC and durations in words", () => {
  expect(instant("2026-11-26T13:50:41.446Z")).toBe("2026-11-26 13:50");
  expect([4.4, 65, 3900].map(duration)).toEqual(["4 s", "1 min 5 s", "1 h 5 min"]);
});
