import { describe, expect, it } from "vitest";
import { fileName, table } from "../../../src/draw/export/table";

describe("the table of numbers", () => {
  it("has a line per step and tile, and a column for every number there is", () => {
    const rows = [
      {
        step: 0,
        at: 1000.5,
        tiles: [
          { filter: 0, score: 1.5 },
          { filter: 4, score: null },
        ],
      },
      { step: 2, at: 1002, tiles: [{ filter: 0, score: 2, drift: 0.1, dead: false }] },
    ];
    expect(table({ run: "clean", layer: "vgg16/conv1" }, rows).split("\r\n")).toEqual([
      "run,layer,step,wall_time,filter,score,drift,dead",
      "clean,vgg16/conv1,0,1000.5,0,1.5,,",
      "clean,vgg16/conv1,0,1000.5,4,,,",
      "clean,vgg16/conv1,2,1002,0,2,0.1,false",
      "",
    ]);
  });

  it("can be opened by a spreadsheet without running what a log says", () => {
    const text = table({ run: "=cmd()", layer: 'a "b", c' }, [{ step: 0, at: 1, tiles: [{ score: -1 }] }]);
    expect(text.split("\r\n")[1]).toBe('\'=cmd(),"a ""b"", c",0,1,-1');
  });
});

describe("a file's name", () => {
  it("says run, layer, tile and step, in letters that every system takes", () => {
    expect(fileName("a/clean", "vgg16/conv3", "filter 12", "step 7")).toBe("a-clean_vgg16-conv3_filter-12_step-7");
    expect(fileName("../../etc", "<b>:*?", "ünï")).toBe("etc_b_ünï");
    expect(fileName("x".repeat(500)).length).toBeLessThanOrEqual(180);
  });
});
