// A whole Slurm on this machine, in a folder of its own: munge, the controller and one node, for as long as a test takes.
import { execFile, spawn, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { availableParallelism, hostname, tmpdir, userInfo } from "node:os";
import { join } from "node:path";

const programs = ["munged", "slurmctld", "slurmd", "srun"];
/** Where daemons are, which the PATH of an ordinary user leaves out. */
const PATH = `${process.env.PATH}:/usr/sbin:/sbin`;

/** Whether Slurm is installed. */
export const hasSlurm = () =>
  programs.every(
    (name) => spawnSync("which", [name], { env: { ...process.env, PATH } }).status === 0,
  );

async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Starts a Slurm with one node, this machine; `run` calls one of its programs, and `stop` ends it. */
export async function startSlurm() {
  const folder = mkdtempSync(join(tmpdir(), "nlm-slurm-"));
  // munge asks that everybody may look into the folder of its socket.
  chmodSync(folder, 0o755);
  for (const name of ["state", "spool"]) mkdirSync(join(folder, name));
  writeFileSync(join(folder, "munge.key"), randomBytes(128), { mode: 0o400 });
  const host = hostname().split(".")[0];
  const socket = join(folder, "munge.socket");
  const { username } = userInfo();
  const configuration = join(folder, "slurm.conf");
  const settings = {
    ClusterName: "test",
    SlurmctldHost: `${host}(127.0.0.1)`,
    SlurmctldPort: await freePort(),
    SlurmdPort: await freePort(),
    SlurmUser: username,
    SlurmdUser: username,
    AuthType: "auth/munge",
    AuthInfo: `socket=${socket}`,
    StateSaveLocation: join(folder, "state"),
    SlurmdSpoolDir: join(folder, "spool"),
    SlurmctldPidFile: join(folder, "slurmctld.pid"),
    SlurmdPidFile: join(folder, "slurmd.pid"),
    ProctrackType: "proctrack/pgid",
    TaskPlugin: "task/none",
    MpiDefault: "none",
    SelectType: "select/cons_tres",
    SelectTypeParameters: "CR_Core",
    JobAcctGatherType: "jobacct_gather/none",
    ReturnToService: 2,
  };
  const lines = Object.entries(settings).map(([name, value]) => `${name}=${value}`);
  writeFileSync(
    configuration,
    [
      ...lines,
      `NodeName=${host} NodeAddr=127.0.0.1 CPUs=${availableParallelism()} State=UNKNOWN`,
      `PartitionName=all Nodes=${host} Default=YES MaxTime=INFINITE State=UP OverSubscribe=FORCE:8`,
      "",
    ].join("\n"),
  );
  const env = { ...process.env, PATH, SLURM_CONF: configuration };
  const daemons = [];
  const words = [];
  const start = (name, args) => {
    const daemon = spawn(name, args, { env });
    daemons.push(daemon);
    for (const stream of [daemon.stdout, daemon.stderr]) {
      stream.on("data", (text) => words.push(`${name}: ${text}`));
    }
  };
  const place = (name) => join(folder, name);
  start("munged", [
    "--foreground",
    `--key-file=${place("munge.key")}`,
    `--socket=${socket}`,
    `--pid-file=${place("munged.pid")}`,
    `--log-file=${place("munged.log")}`,
    `--seed-file=${place("munged.seed")}`,
    "--force",
  ]);
  start("slurmctld", ["-D", "-f", configuration]);
  start("slurmd", ["-D", "-f", configuration]);
  const run = (name, args, { variables = {}, cwd } = {}) =>
    new Promise((resolve) => {
      const options = { cwd, env: { ...env, ...variables }, timeout: 120_000 };
      execFile(name, args, options, (error, out, err) =>
        resolve({ code: error ? Number(error.code) : 0, out, err }),
      );
    });
  const stop = async () => {
    for (const daemon of daemons.reverse()) {
      const ended = new Promise((resolve) => daemon.once("close", resolve));
      daemon.kill();
      await ended;
    }
    rmSync(folder, { recursive: true, force: true });
  };
  for (let attempt = 0; ; attempt++) {
    const { stdout } = spawnSync("sinfo", ["-h", "-o", "%T"], { env, encoding: "utf8" });
    if (stdout.trim() === "idle") return { run, stop };
    if (attempt === 100) {
      const log = readFileSync(place("munged.log"), { encoding: "utf8", flag: "a+" });
      await stop();
      throw new Error(`Slurm does not start.\n${log}${words.join("")}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}
