// Which rank a process is, from what launchers really set.
import { describe, expect, it } from "vitest";
import { firstHost, rankOfEnvironment } from "../src/node/environment.js";

describe("a process finds out which rank it is", () => {
  it.each([
    ["Open MPI", { OMPI_COMM_WORLD_RANK: "2", OMPI_COMM_WORLD_SIZE: "4" }],
    ["MPICH", { PMI_RANK: "2", PMI_SIZE: "4" }],
    ["Slurm", { SLURM_PROCID: "2", SLURM_STEP_NUM_TASKS: "4", SLURM_NTASKS: "8" }],
    ["Kubernetes", { JOB_COMPLETION_INDEX: "2", NLM_RANKS: "4" }],
    ["variables", { NLM_RANK: "2", NLM_RANKS: "4", PMI_RANK: "0", PMI_SIZE: "1" }],
  ])("from %s", (launcher, variables) => {
    expect(rankOfEnvironment(variables)).toEqual({ rank: 2, size: 4, launcher });
  });

  it("alone where nothing says so, as in a batch script of Slurm outside srun", () => {
    expect(rankOfEnvironment({})).toBeUndefined();
    expect(rankOfEnvironment({ SLURM_PROCID: "0", SLURM_NTASKS: "4" })).toBeUndefined();
  });

  it.each([
    [{ NLM_RANK: "4", NLM_RANKS: "4" }, "NLM_RANK"],
    [{ NLM_RANK: "one", NLM_RANKS: "4" }, "NLM_RANK"],
    [{ NLM_RANK: "0", NLM_RANKS: "-1" }, "NLM_RANKS"],
  ])("and refuses what is none: %o", (variables, name) => {
    expect(() => rankOfEnvironment(variables)).toThrow(name);
  });
});

it.each([
  ["node07", "node07"],
  ["node[07-09,12]", "node07"],
  ["gpu[3,5]-ib", "gpu3-ib"],
  ["login,node[1-2]", "login"],
])("the first host of %s is %s", (list, first) => {
  expect(firstHost(list)).toBe(first);
});
