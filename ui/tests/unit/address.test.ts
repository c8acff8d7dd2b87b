import { expect, test } from "vitest";
import { link, parseAddress, set, toggle, writeAddress } from "../../src/address";

test("an address is read as it was written", () => {
  const hash = link("compare", { id: ["a", "b"], price: "on-demand" });
  expect(hash).toBe("#/compare?id=a&id=b&price=on-demand");
  const { view, params } = parseAddress(hash);
  expect(view).toBe("compare");
  expect(params.getAll("id")).toEqual(["a", "b"]);
  expect(writeAddress({ view, params })).toBe(hash);
});

test("what is no view leads to the catalogue", () => {
  for (const hash of ["", "#", "#/", "#/nowhere", "#/../etc"]) expect(parseAddress(hash).view).toBe("catalogue");
});

test("values with signs of a URL survive", () => {
  const hash = link("catalogue", { shape: "512>128, 64 shared", model: "a&b=c?d#e" });
  const { params } = parseAddress(hash);
  expect(params.get("shape")).toBe("512>128, 64 shared");
  expect(params.get("model")).toBe("a&b=c?d#e");
});

test("a parameter that is emptied is gone", () => {
  const params = new URLSearchParams("a=1");
  set(params, "a", "");
  expect([...params]).toEqual([]);
  toggle(params, "b", "1");
  toggle(params, "b", "2");
  toggle(params, "b", "1");
  expect(params.getAll("b")).toEqual(["2"]);
});
