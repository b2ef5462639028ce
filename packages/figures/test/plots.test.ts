// Planes, matrices, film strips and animations show every value at its place.
import { decode, decodeApng } from "fast-png";
import { describe, expect, it } from "vitest";
import {
  animation,
  curves,
  darkFigure,
  filmStrip,
  heatMap,
  histogram,
  intervals,
  page,
  scatter,
} from "../src/index.js";
import { renderPng } from "../src/node.js";
import { codeOf, corners, elements } from "./svg.js";

const number = (value: unknown) => Number(value);

describe("a band around a curve", () => {
  it("encloses it, and is part of what the axis spans", () => {
    const series = [{ name: "a", x: [0, 1], y: [5, 5], low: [4, 4], high: [6, 7] }];
    const svg = curves({ xTitle: "", plots: [{ title: "", series }] });
    const [band, curve] = elements(svg, "path").map(({ d }) => corners(String(d).replace("Z", "")));
    const heights = band!.map(([, y]) => y!);
    const middle = curve![0]![1]!;
    expect(band).toHaveLength(4);
    expect(heights.filter((y) => y > middle)).toHaveLength(2);
    expect(heights.filter((y) => y < middle)).toHaveLength(2);
    expect(Math.max(...heights)).toBeLessThan(240 - 40);
  });
});

describe("error bars", () => {
  it("reach from one side to the other at every point, which has a dot", () => {
    const series = [{ name: "a", x: [0, 1], y: [5, 5], low: [4, 4], high: [6, 7], bars: true }];
    const svg = curves({ xTitle: "", plots: [{ title: "", series }] });
    const [bars] = elements(svg, "path");
    const dots = elements(svg, "circle").map(({ cx, cy }) => [number(cx), number(cy)]);
    const ends = [...String(bars!.d).matchAll(/M([\d.]+),([\d.]+)V([\d.]+)/g)];
    expect(ends.map(([, x]) => number(x))).toEqual(dots.map(([x]) => x));
    const [small, large] = ends.map(([, , from, to]) => number(from) - number(to));
    expect(large! / small!).toBeCloseTo(3 / 2, 1);
  });

  it("stand side by side, one row for each name and a panel for each measure", () => {
    const estimates = [
      { value: 2, standardError: 1 },
      { value: 3, standardError: Number.NaN },
      { value: Number.NaN, standardError: 1 },
    ];
    const names = ["a", "b", "c"];
    const panels = [{ title: "first", estimates }];
    const svg = intervals({ names, panels });
    const [long, none] = elements(svg, "path").map(
      ({ d }) => /M([\d.]+),.*?H([\d.]+)/.exec(`${d}`)!,
    );
    const [first, second, ...others] = elements(svg, "circle").map(({ cx }) => number(cx));
    expect(others).toEqual([]);
    // The error is as long as the distance of the two values.
    expect(number(long![2]) - first!).toBeCloseTo(second! - first!, 1);
    expect(number(none![1])).toBe(number(none![2]));
    const twice = intervals({ names, panels: [...panels, ...panels] });
    expect(elements(twice, "circle")).toHaveLength(4);
    expect(codeOf(() => intervals({ names: ["a"], panels }))).toBe("wrong-length");
    const unknown = [{ title: "", estimates: estimates.slice(2) }];
    expect(codeOf(() => intervals({ names: ["a"], panels: unknown }))).toBe("invalid-value");
  });
});

describe("a histogram", () => {
  it("is a density", () => {
    const values = [0.1, 0.2, 0.6, 1, 7];
    const { x, y } = histogram(values, { from: 0, to: 1, bins: 2 });
    expect(x).toEqual([0.25, 0.75]);
    // Two and two of five values in bins of width one half; 7 lies outside.
    expect(y).toEqual([0.8, 0.8]);
    expect(codeOf(() => histogram(values, { from: 1, to: 1, bins: 2 }))).toBe("invalid-value");
  });
});

describe("a plane", () => {
  const plane = { title: "Eigenvalues", xTitle: "Re", yTitle: "Im" };
  const points = [{ name: "λ", x: [1, 0, -1, Number.NaN], y: [0, 1, -1, 0] }];

  it("has equal axes around 0 when they are asked for, and the circle at its radius", () => {
    const circles = [{ radius: 1, name: "unit circle" }];
    const svg = scatter({ ...plane, points, circles, equal: true });
    const [circle] = elements(svg, "circle");
    const [a, b, c] = corners(String(elements(svg, "path")[0]!.d).replaceAll("h0", ""));
    const [cx, cy, r] = [circle!.cx, circle!.cy, circle!.r].map(number) as [number, number, number];
    expect(a![0]! - cx).toBeCloseTo(r, 1);
    expect(a![1]!).toBeCloseTo(cy, 1);
    expect(cy - b![1]!).toBeCloseTo(r, 1);
    expect([c![0]! - cx, c![1]! - cy].map((side) => Math.round(side / r))).toEqual([-1, 1]);
    expect(String(elements(svg, "path")[0]!.d).match(/M/g)).toHaveLength(3);
  });

  it("colours a trajectory by time, from a mark at its beginning to one at its end", () => {
    const trajectory = { x: [0, 1, 2, 3], y: [0, 1, 0, 1] };
    const svg = scatter({ ...plane, points: [], trajectories: [trajectory] });
    const pieces = elements(svg, "path");
    const ends = pieces.map(({ d }) => corners(String(d).replace("Z", "")));
    expect(pieces).toHaveLength(3);
    expect(ends[1]![0]).toEqual(ends[0]!.at(-1));
    expect(new Set(pieces.map(({ stroke }) => stroke)).size).toBe(3);
    const [first, last] = elements(svg, "circle");
    expect([first!.cx, first!.cy].map(number)).toEqual(ends[0]![0]);
    expect([last!.cx, last!.cy].map(number)).toEqual(ends[2]!.at(-1));
  });

  it("is refused without a point, and when x and y differ", () => {
    expect(codeOf(() => scatter({ ...plane, points: [] }))).toBe("invalid-value");
    const wrong = [{ name: "", x: [1, 2], y: [1] }];
    expect(codeOf(() => scatter({ ...plane, points: wrong }))).toBe("wrong-length");
  });
});

describe("a heat map", () => {
  const map = {
    title: "Transitions",
    values: [0, 1, 0.5, 0.25],
    rowNames: ["1", "3"],
    columnNames: ["1", "3"],
    rowTitle: "from",
    columnTitle: "to",
  };

  it("has a cell for every value, row by row, darker for less", async () => {
    const svg = heatMap(map);
    const cells = elements(svg, "rect").slice(1);
    const places = cells.map(({ x, y }) => [number(x), number(y)]);
    expect(places[1]![1]).toBe(places[0]![1]);
    expect(places[1]![0]!).toBeGreaterThan(places[0]![0]!);
    expect(places[2]![1]!).toBeGreaterThan(places[0]![1]!);
    const { data, width, channels } = decode(await renderPng(svg));
    const light = places.map(([x, y]) => {
      const at = ((y! + 5) * width + x! + 5) * channels;
      return data[at]! + data[at + 1]! + data[at + 2]!;
    });
    expect(light[0]!).toBeLessThan(light[3]!);
    expect(light[3]!).toBeLessThan(light[2]!);
    expect(light[2]!).toBeLessThan(light[1]!);
  });

  it("writes numbers when it is told how", () => {
    const texts = elements(heatMap({ ...map, text: (value) => `${100 * value} %` }), "text");
    expect(texts.map((text) => text["#text"])).toContain("25 %");
  });

  it("is refused with a wrong number of values, or a missing one", () => {
    expect(codeOf(() => heatMap({ ...map, values: [1, 2, 3] }))).toBe("wrong-length");
    expect(codeOf(() => heatMap({ ...map, values: [1, 2, 3, Number.NaN] }))).toBe("not-finite");
  });
});

describe("a film strip", () => {
  it("has each image under its moment", async () => {
    const svg = filmStrip({
      title: "",
      width: 4,
      height: 4,
      scale: 8,
      columns: ["0", "10"],
      rows: [{ name: "", pixels: new Uint8Array(32).fill(20, 0, 16).fill(220, 16) }],
    });
    const { data, width, channels } = decode(await renderPng(svg));
    const grey = (x: number, y: number) => data[(y * width + x) * channels];
    expect([grey(24 + 5, 58 + 5), grey(24 + 36 + 5, 58 + 5)]).toEqual([20, 220]);
    const [first, second] = elements(svg, "text").filter((text) => text["#text"] !== undefined);
    expect(number(second!.x) - number(first!.x)).toBe(36);
  });

  it("is refused when a row lacks an image", () => {
    const strip = { title: "", width: 2, height: 1, columns: ["0", "10"] };
    const rows = [{ name: "", pixels: new Uint8Array(2) }];
    expect(codeOf(() => filmStrip({ ...strip, rows }))).toBe("wrong-length");
    expect(codeOf(() => filmStrip({ ...strip, rows: [] }))).toBe("invalid-value");
  });
});

describe("an animation", () => {
  const frame = (level: number) => ({
    pixels: new Uint8Array(6).fill(level),
    width: 3,
    height: 2,
    columns: 1,
  });

  it("is an APNG whose frames are the grids, each as long as it is told", () => {
    const { png, width, height } = animation([frame(10), frame(20), frame(30)], 0.25);
    const { frames, numberOfFrames } = decodeApng(png);
    expect([width, height, numberOfFrames]).toEqual([3, 2, 3]);
    expect(frames.map(({ data }) => [...data])).toEqual([10, 20, 30].map((v) => Array(6).fill(v)));
    expect(
      frames.map(({ delayNumber, delayDenominator }) => delayNumber / delayDenominator),
    ).toEqual(Array(3).fill(0.25));
    // Readers without animation see the first frame.
    expect([...decode(png).data]).toEqual(Array(6).fill(10));
  });

  it("is refused without frames, or with frames of two sizes", () => {
    expect(codeOf(() => animation([], 1))).toBe("invalid-value");
    expect(codeOf(() => animation([frame(1), { ...frame(1), scale: 2 }], 1))).toBe("wrong-length");
  });
});

describe("a page", () => {
  const square = (side: number) =>
    filmStrip({
      title: "",
      width: side,
      height: side,
      scale: 1,
      columns: [""],
      rows: [{ name: "", pixels: new Uint8Array(side * side) }],
    });

  it("has figures beside and below each other, as large as they are", () => {
    const svg = page([[square(60), square(40)], [square(50)]]);
    const figures = elements(svg, "svg");
    const [whole, ...inner] = figures;
    const size = (side: number) => [side + 48, 58 + side + 4 + 24];
    expect([whole!.width, whole!.height].map(number)).toEqual([
      size(60)[0]! + size(40)[0]!,
      size(60)[1]! + size(50)[1]!,
    ]);
    expect(inner.map(({ x, y }) => [x, y].map(number))).toEqual([
      [0, 0],
      [size(60)[0], 0],
      [0, size(60)[1]],
    ]);
  });

  it("is refused when it is empty, or when something is no figure", () => {
    expect(codeOf(() => page([[]]))).toBe("invalid-value");
    expect(codeOf(() => page([["<p>"]]))).toBe("invalid-value");
  });
});

describe("a figure for a dark page", () => {
  const plot = { title: "energy", series: [{ name: "a", x: [0, 1], y: [5, 6] }] };
  const svg = curves({ xTitle: "step", plots: [plot] });

  it("has no paper, light ink, and everything where it was", () => {
    const dark = darkFigure(svg);
    const lightOf = (colour: string) => Number.parseInt(colour.slice(3, 5), 16);
    const inks = (figure: string) => elements(figure, "text").map(({ fill }) => String(fill));
    expect(inks(svg).every((colour) => lightOf(colour) < 0x80)).toBe(true);
    expect(inks(dark).every((colour) => lightOf(colour) > 0x90)).toBe(true);
    expect(dark).not.toContain('fill="#ffffff"');
    const places = (figure: string) => elements(figure, "path").map(({ d }) => d);
    expect(places(dark)).toEqual(places(svg));
  });

  it("leaves the numbers in the cells of a heat map as dark or light as the cells need", () => {
    const map = heatMap({
      title: "",
      rowTitle: "row",
      columnTitle: "column",
      rowNames: ["a"],
      columnNames: ["b", "c"],
      values: [0, 1],
      text: String,
    });
    const numbers = (figure: string) =>
      elements(figure, "text").filter((text) => ["0", "1"].includes(String(text["#text"])));
    expect(numbers(map)).toHaveLength(2);
    expect(numbers(darkFigure(map))).toEqual(numbers(map));
  });

  it("shows the page between the images of a film strip", async () => {
    const film = filmStrip({
      title: "",
      width: 2,
      height: 2,
      columns: ["0", "1"],
      rows: [{ name: "", pixels: new Uint8Array(8).fill(255) }],
    });
    const { data, width, channels } = decode(await renderPng(darkFigure(film)));
    const images = elements(film, "image").map(({ x, y, width: wide }) => [x, y, wide].map(Number));
    const [[left = 0, top = 0, wide = 0]] = images as [number[]];
    const alpha = (x: number) => data[((top + 1) * width + x) * channels + channels - 1];
    expect(channels).toBe(4);
    expect([alpha(left + 1), alpha(left + wide + 1), alpha(images[1]![0]! + 1)]).toEqual([
      255, 0, 255,
    ]);
  });

  it("is made of figures of this package only", () => {
    expect(codeOf(() => darkFigure("<p>no figure</p>"))).toBe("invalid-value");
  });
});
