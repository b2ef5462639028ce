// The programs of a README: each ```js block, with the ```text block that follows it as its output.

/** The programs of a README with what they should print, in order. */
export function readmeExamples(markdown) {
  const blocks = [...markdown.matchAll(/^```(\w*)\n([\s\S]*?)^```/gm)];
  const examples = [];
  blocks.forEach(([, language, text], index) => {
    if (language !== "js") return;
    const next = blocks[index + 1];
    examples.push({ program: text, output: next?.[1] === "text" ? next[2] : null });
  });
  return examples;
}
