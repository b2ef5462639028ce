// Every reader of files that come from outside, with sound files and how it is asked to read one. A reader may refuse
// what it is given by a LangevinError, and do nothing else.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { isDeepStrictEqual } from "node:util";
import { isLangevinError } from "@neural-langevin/core";
import {
  imagesFromNpy,
  openNpz,
  parseIdx,
  parseJpeg,
  parseNpy,
  parsePng,
  parseTable,
  recognizeFormat,
} from "@neural-langevin/datasets";
import { loadSamples, readIdx } from "@neural-langevin/datasets/node";
import {
  decodeCheckpoint,
  decodeNetwork,
  importNetwork,
  openSafetensors,
} from "@neural-langevin/runs";
import { openRun, readSettingsFile } from "@neural-langevin/runs/node";
import { rolldown } from "rolldown";
import { damaged } from "./mutations.mjs";
import * as samples from "./samples.mjs";

/** Goes on after a refusal, to what else can be asked of a file; any other failure is thrown. */
function attempt(work) {
  try {
    return work();
  } catch (error) {
    if (!isLangevinError(error)) throw error;
    return undefined;
  }
}

const readAll = ({ names, read }) => {
  for (const name of names) attempt(() => read(name));
};

/**
 * Readers by name. `samples` are sound; `damage` makes a file out of one of them, and `read` reads it.
 *
 * @param folder where readers of files and folders find what they read
 */
export async function readers(folder) {
  const file = (name) => join(folder, name);
  const onDisk = (name, read) => async (bytes) => {
    writeFileSync(file(name), bytes);
    await read(file(name));
  };
  const plain = (files, read) => ({ samples: files, damage: damaged, read });
  const run = samples.run();
  const names = Object.keys(run);
  mkdirSync(file("run/checkpoints"), { recursive: true });
  for (const name of names) writeFileSync(file(`run/${name}`), run[name]);
  const openFiles = await labReader(folder);

  return {
    safetensors: plain(samples.safetensors(), (bytes) => {
      recognizeFormat(bytes, "a.safetensors");
      attempt(() => decodeNetwork(bytes, "a.safetensors"));
      attempt(() => decodeCheckpoint(bytes, "a.safetensors"));
      const { entries, read } = openSafetensors(bytes, "a.safetensors");
      readAll({ names: [...entries.keys()], read });
    }),
    NPY: plain(samples.npy(), (bytes) => {
      const array = parseNpy(bytes, "a.npy");
      attempt(() => imagesFromNpy(array, "a.npy"));
      attempt(() => importNetwork({ file: "a.npy", bytes }));
    }),
    "NPZ and ZIP": {
      samples: samples.npz(),
      // Half the time the damage is within an array of an archive that is sound.
      damage: (bytes, damages, mended) =>
        mended
          ? samples.zip(
              { "J.npy": damaged(samples.npy()[1], damages), "b.npy": samples.npy()[0] },
              damages.length % 2 ? 0 : 6,
            )
          : damaged(bytes, damages),
      read(bytes) {
        readAll(openNpz(bytes, "a.npz"));
        attempt(() => importNetwork({ file: "a.npz", bytes }));
      },
    },
    PNG: {
      samples: samples.pngKinds.map((kind) => samples.png(kind)),
      damage(bytes, damages, mended, sample) {
        if (!mended) return damaged(bytes, damages);
        const [kind, within] = [samples.pngKinds[sample], damages.length % 2 === 0];
        if (within) return samples.png(kind, (lines) => damaged(lines, damages));
        return samples.mendPng(damaged(bytes, damages));
      },
      read: (bytes) => parsePng(bytes, "a.png"),
    },
    IDX: plain(samples.idx(), (bytes) => parseIdx(bytes, "a-images-idx3-ubyte")),
    "IDX in gzip": {
      samples: samples.idx().map(samples.gzip),
      damage: (bytes, damages, mended, sample) =>
        mended ? samples.gzip(damaged(samples.idx()[sample], damages)) : damaged(bytes, damages),
      read: onDisk("a-images-idx3-ubyte.gz", readIdx),
    },
    "CSV and TSV": plain(samples.tables(), async (bytes) => {
      const text = new TextDecoder().decode(bytes);
      for (const numbers of ["grey", "real"]) attempt(() => parseTable(text, "a.csv", numbers));
      writeFileSync(file("a.csv"), bytes);
      const set = await loadSamples(file("a.csv"), { numbers: "real", missing: "keep" });
      const plain = attempt(() => parseTable(text, file("a.csv"), "real", { missing: "keep" }));
      if (plain && !isDeepStrictEqual({ ...set }, { ...plain })) {
        throw new Error("It is read otherwise from its bytes than as text.");
      }
    }),
    JPEG: plain(samples.jpeg(), (bytes) => parseJpeg(bytes, "a.jpg")),
    "YAML of settings": plain(samples.yaml(), onDisk("config.yaml", readSettingsFile)),
    "the folder of a run": {
      samples: names.map((name) => run[name]),
      damage: damaged,
      async read(bytes, sample) {
        const name = names[sample];
        writeFileSync(file(`run/${name}`), bytes);
        const opened = await openRun(file("run"));
        for (const what of ["readManifest", "readSettings", "readSplit", "checkpoints"]) {
          await settled(() => opened[what]());
        }
        writeFileSync(file(`run/${name}`), run[name]);
      },
    },
    "what the lab opens": {
      // An archive of a run, a folder one of whose files is damaged, and files by themselves.
      samples: [
        samples.zip(prefixed(run), 0),
        samples.zip(prefixed(run), 6),
        ...names.map((name) => run[name]),
        samples.safetensors()[1],
        samples.npy()[1],
        samples.png({ colour: 2 }),
      ],
      damage(bytes, damages, mended, sample) {
        if (!mended || sample > 1) return damaged(bytes, damages);
        const name = names[damages.length % names.length];
        return samples.zip(prefixed({ ...run, [name]: damaged(run[name], damages) }), sample * 6);
      },
      async read(bytes, sample) {
        const damagedName = names[sample - 2];
        const single = sample < 2 ? "run.zip" : ["a.safetensors", "a.npy", "a.png"].at(sample - 8);
        const files = damagedName
          ? Object.entries({ ...run, [damagedName]: bytes })
          : [[single, bytes]];
        const opened = await openFiles(
          files.map(([path, content]) => ({ path, bytes: async () => content })),
        );
        if (opened.kind !== "run") return;
        for (const update of opened.run.checkpoints) {
          await settled(() => opened.run.machineAt(update));
        }
        await settled(() => opened.run.training());
      },
    },
  };
}

const prefixed = (files) =>
  Object.fromEntries(Object.entries(files).map(([name, bytes]) => [`run/${name}`, bytes]));

/** As `attempt`, of work that takes its time. */
async function settled(work) {
  try {
    await work();
  } catch (error) {
    if (!isLangevinError(error)) throw error;
  }
}

/** The lab's own reader, which is part of its page. */
async function labReader(folder) {
  const input = fileURLToPath(new URL("../../apps/lab/src/files/open.ts", import.meta.url));
  const output = join(folder, "lab-reader.mjs");
  const bundle = await rolldown({ input, platform: "node", logLevel: "silent" });
  await bundle.write({ file: output, format: "esm", codeSplitting: false });
  await bundle.close();
  return (await import(pathToFileURL(output).href)).openFiles;
}
