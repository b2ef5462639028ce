// Runs the contract in a page and leaves the outcome where the test looks for it.
import { createCpuBackend } from "@neural-langevin/backend-cpu";
import { createContext, scenarios } from "@neural-langevin/backend-testkit";

globalThis.outcome = (async () => {
  const context = await createContext(() => createCpuBackend({ threads: 2 }));
  const failures = [];
  for (const { key, run } of scenarios) {
    try {
      await run(context);
    } catch (error) {
      failures.push(`${key}: ${error.message}`);
    }
  }
  const { threads, details } = context.backend.device;
  await context.backend.close();
  return { isolated: crossOriginIsolated, threads, details, ran: scenarios.length, failures };
})();
