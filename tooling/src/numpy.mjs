// A Python that has NumPy, for tests that exchange files with it: the ones named in NLM_PYTHON, then the system's.
import { execFileSync } from "node:child_process";

/** A program that runs Python with NumPy and the other modules that are named, or undefined. */
export function findNumpy(...modules) {
  const named = process.env.NLM_PYTHON?.split(/[,;]/) ?? [];
  return [...named, "python3", "/usr/bin/python3"].find((python) => {
    try {
      execFileSync(python, ["-c", `import ${["numpy", ...modules].join(", ")}`], {
        stdio: "ignore",
      });
      return true;
    } catch {
      return false;
    }
  });
}
