// Runs the contract in a page and leaves the outcome where the test looks for it.
import { createCpuBackend } from "@neural-langevin/backend-cpu";
import { verifyBackend } from "@neural-langevin/backend-testkit";

globalThis.outcome = verifyBackend(() => createCpuBackend({ threads: 2 }));
