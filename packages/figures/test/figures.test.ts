// Figures show what they were given, at the places where they say so.
import { decode } from "fast-png";
import { describe, expect, it } from "vitest";
import { curves, imageGrid, panels } from "../src/index.js";
import { renderPng } from "../src/node.js";
import { codeOf, corners, elements } from "./svg.js";

describe("an image grid", () => {
  // Three images of 2 × 1 pixels.
  const pixels = Uint8Array.of(10, 20, 30, 40, 50, 60);

  it("puts every pixel where it belongs", () => {
    const picture = imageGrid({ pixels, width: 2, height: 1, columns: 2, scale: 2, gap: 1 });
    const { data, width, height } = decode(picture.png);
    expect([width, height]).toEqual([picture.width, picture.height]);
    const rows = Array.from({ length: height }, (_, y) => [
      ...data.slice(y * width, (y + 1) * width),
    ]);
    const first = [10, 10, 20, 20, 96, 30, 30, 40, 40];
    const second = [50, 50, 60, 60, 96, 96, 96, 96, 96];
    expect(rows).toEqual([first, first, Array(9).fill(96), second, second]);
  });

  it("is refused without images or with half of one", () => {
    const shape = { width: 2, height: 1, columns: 2 };
    expect(codeOf(() => imageGrid({ ...shape, pixels: new Uint8Array(0) }))).toBe("invalid-value");
    expect(codeOf(() => imageGrid({ ...shape, pixels: new Uint8Array(3) }))).toBe("wrong-length");
    expect(codeOf(() => imageGrid({ ...shape, pixels, columns: 0 }))).toBe("invalid-value");
  });
});

describe("curves", () => {
  const draw = (y: number[], logarithmic = false) =>
    curves({
      xTitle: "update",
      plots: [
        { title: "Energy", logarithmic, series: [{ name: "data", x: y.map((_, i) => i), y }] },
      ],
    });
  const path = (svg: string) => String(elements(svg, "path")[0]!.d);

  it("are linear in both axes, with larger values higher", () => {
    const [a, b, c] = corners(path(draw([0, 1, 3])));
    expect(b![0]! - a![0]!).toBeCloseTo(c![0]! - b![0]!, 1);
    expect(c![1]! - b![1]!).toBeCloseTo(2 * (b![1]! - a![1]!), 1);
    expect(c![1]!).toBeLessThan(a![1]!);
  });

  it("give equal ratios equal heights on a logarithmic axis", () => {
    const [a, b, c] = corners(path(draw([1, 10, 100], true)));
    expect(c![1]! - b![1]!).toBeCloseTo(b![1]! - a![1]!, 1);
  });

  it("give equal ratios equal widths on a logarithmic x axis", () => {
    const series = [{ name: "speed", x: [1, 10, 100], y: [1, 2, 3] }];
    const plots = [{ title: "Speed", series }];
    const [a, b, c] = corners(path(curves({ xTitle: "chains", xLogarithmic: true, plots })));
    expect(c![0]! - b![0]!).toBeCloseTo(b![0]! - a![0]!, 1);
  });

  it("show a point without neighbours as a dot", () => {
    expect(elements(draw([1, 2, 3]), "circle")).toHaveLength(0);
    expect(elements(draw([1, 2, Number.NaN, 3]), "circle")).toHaveLength(1);
  });

  it("break where a value is missing", () => {
    expect(path(draw([1, 2, Number.NaN, 3, 4])).match(/M/g)).toHaveLength(2);
    expect(path(draw([1, 2, 0, 3, 4], true)).match(/M/g)).toHaveLength(2);
  });

  it("carry their names and titles, whatever is in them", () => {
    const svg = curves({
      xTitle: "a < b",
      plots: [{ title: 'E & "F"', series: [{ name: "<script>", x: [0, 1], y: [1, 1] }] }],
    });
    const texts = elements(svg, "text").map((element) => element["#text"]);
    expect(texts).toEqual(
      expect.arrayContaining(
        ["a &lt; b", 'E &amp; "F"', "&lt;script>"].map((text) =>
          text.replaceAll("&lt;", "<").replaceAll("&amp;", "&"),
        ),
      ),
    );
    expect(svg).not.toContain("<script>");
  });

  it("are refused when there is nothing to draw or x and y differ", () => {
    expect(codeOf(() => draw([]))).toBe("invalid-value");
    expect(codeOf(() => draw([Number.NaN]))).toBe("invalid-value");
    const series = [{ name: "a", x: [0], y: [1, 2] }];
    expect(codeOf(() => curves({ xTitle: "", plots: [{ title: "", series }] }))).toBe(
      "wrong-length",
    );
  });
});

describe("a rendered figure", () => {
  const picture = imageGrid({
    pixels: new Uint8Array(16).fill(200),
    width: 4,
    height: 4,
    columns: 1,
    scale: 8,
  });

  it("has its title in ink and its picture pixel by pixel", async () => {
    const svg = panels([{ title: "Generated", caption: "T = 1", picture }]);
    const { data, width, height, channels } = decode(await renderPng(svg));
    expect([width, height]).toEqual([24 + 32 + 24, 24 + 46 + 32 + 24]);
    const grey = (x: number, y: number) => data[(y * width + x) * channels]!;
    const head = Array.from({ length: 24 * 60 }, (_, at) =>
      grey(24 + (at % 56), 20 + Math.floor(at / 56)),
    );
    expect(head.filter((value) => value < 100).length).toBeGreaterThan(50);
    for (const [x, y] of [
      [24, 70],
      [55, 70],
      [24, 101],
      [55, 101],
    ] as const)
      expect(grey(x, y)).toBe(200);
    expect(grey(56, 85)).toBe(255);
  });

  it("is as large as the zoom says", async () => {
    const { width } = decode(await renderPng(panels([{ title: "", caption: "", picture }]), 2));
    expect(width).toBe(160);
  });

  it("has the letters of three scripts and of mathematics", async () => {
    const drawn = async (text: string) => {
      const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="40" height="40"><text x="8" y="28" font-size="24" font-family="DejaVu Sans">${text}</text></svg>`;
      return Buffer.from(await renderPng(svg)).toString("base64");
    };
    const missing = await drawn("中");
    for (const letter of "aÅßœσφΩЖя0½²₁±−×·√∇Σ∂∞≈≤∈⟨‖→↑○■…–’") {
      expect(await drawn(letter), letter).not.toBe(missing);
    }
  });

  it("needs at least one panel", () => expect(codeOf(() => panels([]))).toBe("invalid-value"));
});
