export { default } from "@neural-langevin/tooling/vitest";
