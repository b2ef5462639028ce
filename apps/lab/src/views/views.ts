// The views of a machine, each a chunk of its own that is loaded when it is shown.
import type { Component } from "svelte";
import type { Lab } from "../state/lab.svelte.js";
import type { View } from "../state/settings.js";

type ViewModule = { readonly default: Component<{ lab: Lab }> };

export const viewModules: Record<Exclude<View, "two">, () => Promise<ViewModule>> = {
  dream: () => import("./dream/Dream.svelte"),
  restore: () => import("./restore/Restore.svelte"),
  train: () => import("./train/Train.svelte"),
  explore: () => import("./explore/Explore.svelte"),
  synapse: () => import("./synapse/Synapse.svelte"),
  study: () => import("./study/Study.svelte"),
};
