// What an error says can be read, whatever stood in the file that it speaks of.
import { describe, expect, it } from "vitest";
import { LangevinError } from "../src/index.js";

describe("the sentence of an error", () => {
  it("writes characters that nobody sees, or that move others, as numbers", () => {
    const { message, remedy } = new LangevinError(
      "bad-file",
      "its name is \u0000\u001b[2J\u009f\u007f",
      "Rename \u202egnp.exe\ud800.",
    );
    expect(message).toBe("its name is \\x00\\x1b[2J\\x9f\\x7f");
    expect(remedy).toBe("Rename \\u202egnp.exe\\ud800.");
  });

  it("leaves every letter and line as it is", () => {
    const text = "Größe Å 数字 שלום 👩‍🔬 − ∇E:\n1.";
    expect(new LangevinError("bad-file", text).message).toBe(text);
    expect(new LangevinError("bad-file", text).remedy).toBeUndefined();
  });
});
