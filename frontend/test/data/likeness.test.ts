import { describe, expect, it } from "vitest";
import { countKinds, kindsOf } from "../../src/data/likeness";

describe("filters that respond alike", () => {
  const tile = (filter: number, twin: number, similarity: number) => ({ filter, twin, twin_similarity: similarity });
  const tiles = [tile(0, 8, 0.95), tile(4, 12, 0.5), tile(8, 0, 0.95), tile(12, 8, 0.91), tile(16, 99, 0.99)];

  it("are of one kind, also over a third", () => {
    expect(kindsOf(tiles)).toEqual([0, 1, 0, 0, 4]);
    expect(countKinds(tiles)).toBe(3);
  });

  it("are not grouped where nothing says what they respond to", () => {
    expect([kindsOf([{ filter: 0 }]), countKinds([])]).toEqual([null, null]);
  });
});
