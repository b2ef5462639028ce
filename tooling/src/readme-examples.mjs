// The programs of a README: each ```js or ```ts block, with the ```text block that follows it as its output. A block
// whose first line has another word, as in ```ts fragment, is no whole program.
import typescript from "typescript-5.9";

/** TypeScript as JavaScript for every supported Node: types are dropped, and `await using` is written out. */
const toJavaScript = (program) =>
  typescript.transpileModule(program, {
    compilerOptions: {
      target: typescript.ScriptTarget.ES2022,
      module: typescript.ModuleKind.ESNext,
    },
  }).outputText;

/** The programs of a README in order: as they stand there, as JavaScript, and what they should print. */
export function readmeExamples(markdown) {
  const blocks = [...markdown.matchAll(/^```([^\n]*)\n([\s\S]*?)^```/gm)];
  const examples = [];
  blocks.forEach(([, language, program], index) => {
    if (language !== "js" && language !== "ts") return;
    const next = blocks[index + 1];
    examples.push({
      language,
      program,
      javascript: language === "ts" ? toJavaScript(program) : program,
      output: next?.[1] === "text" ? next[2] : null,
    });
  });
  return examples;
}
