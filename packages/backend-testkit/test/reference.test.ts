// The reference backend keeps the contract that it defines.
import { createReferenceBackend } from "@neural-langevin/core";
import { testBackend } from "../src/vitest.js";

await testBackend("reference", async () => createReferenceBackend());
