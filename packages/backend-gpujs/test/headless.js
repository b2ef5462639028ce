// What a Node process with a GL context finds, as JSON: started by headless.test.ts under an X display.
import { createGpuJsBackend } from "@neural-langevin/backend-gpujs";
import { verifyBackend } from "@neural-langevin/backend-testkit";
import { endurance } from "./endurance.js";

const chosen = await createGpuJsBackend();
const { device } = chosen;
await chosen.close();
const verification = await verifyBackend(() => createGpuJsBackend({ mode: "headlessgl" }));
const counts = await endurance("headlessgl");
process.stdout.write(`\n${JSON.stringify({ chosen: device, verification, counts })}\n`);
