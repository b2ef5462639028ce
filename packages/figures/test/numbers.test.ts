// Every figure carries the numbers that it shows, exactly, and gives them back as a table.
import { describe, expect, it } from "vitest";
import { curves, figureNumbers, heatMap, intervals, page, panels, scatter } from "../src/index.js";
import { renderPng } from "../src/node.js";
import { elements } from "./svg.js";

describe("the numbers of a figure", () => {
  const third = 1 / 3;
  const energy = curves({
    xTitle: "updates",
    plots: [
      {
        title: 'Mean "E", <0',
        series: [
          { name: "data", x: [1, 2], y: [third, Number.NaN], low: [0, 1], high: [1, 2] },
          { name: "a & b", x: [5], y: [1e-9] },
        ],
      },
    ],
  });

  it("are those of curves, with their bands, to the last digit", () => {
    expect(figureNumbers(energy)).toBe(
      "plot,series,updates,value,low,high\n" +
        `"Mean ""E"", <0",data,1,${third},0,1\n` +
        '"Mean ""E"", <0",data,2,,1,2\n' +
        '"Mean ""E"", <0",a & b,5,1e-9,,\n',
    );
    // The document stays one that others read, and draws what it drew.
    expect(elements(energy, "metadata").length).toBe(1);
  });

  it("are those of points, matrices and estimates", () => {
    const plane = { title: "J", xTitle: "Re λ", yTitle: "Im λ" };
    const points = [{ name: "now", x: [1, 2], y: Float32Array.of(0.5, -1) }];
    const trajectories = [{ x: [0], y: [3] }];
    expect(figureNumbers(scatter({ ...plane, points, trajectories }))).toBe(
      "plot,series,Re λ,Im λ\nJ,now,1,0.5\nJ,now,2,-1\nJ,trajectory 1,0,3\n",
    );
    const names = { rowNames: ["a"], columnNames: ["b", "c"] };
    const map = { title: "C", rowTitle: "true", columnTitle: "seen", values: [0.25, 7], ...names };
    expect(figureNumbers(heatMap(map))).toBe("true,seen,value\na,b,0.25\na,c,7\n");
    const estimates = [
      { value: 2, standardError: 0.5 },
      { value: 3, standardError: Number.NaN },
    ];
    const figure = { names: ["x", "y"], panels: [{ title: "AAI", estimates }] };
    expect(figureNumbers(intervals(figure))).toBe(
      "plot,name,value,standardError\nAAI,x,2,0.5\nAAI,y,3,\n",
    );
  });

  it("of a page are those of all its figures, by their places", async () => {
    const plane = { title: "J", xTitle: "x", yTitle: "y", points: [{ name: "p", x: [1], y: [2] }] };
    const both = page([[scatter(plane)], [energy]]);
    const lines = figureNumbers(both)!.split("\n");
    expect(lines[0]).toBe("figure,plot,series,x,y,updates,value,low,high");
    expect(lines[1]).toBe("1,J,p,1,2,,,,");
    expect(lines[2]).toBe(`2,"Mean ""E"", <0",data,,,1,${third},0,1`);
    expect((await renderPng(both)).length).toBeGreaterThan(1000);
  });

  it("are none where pictures are shown", () => {
    const picture = { png: new Uint8Array(0), width: 1, height: 1 };
    expect(figureNumbers(panels([{ title: "", caption: "", picture }]))).toBeUndefined();
  });
});
