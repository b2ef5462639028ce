// A graphics device: found, described, its programs compiled once, its loss and its failures remembered.
import { type DeviceReport, isLangevinError, LangevinError } from "@neural-langevin/core";
import type { Binding, Kernel } from "./kernels/kernel.js";
import { MEASURE_STATES } from "./kernels/measure.js";
import { ALIGNMENT } from "./shapes.js";

/** A compiled kernel. */
export interface Program {
  readonly pipeline: GPUComputePipeline;
  readonly bindings: readonly Binding[];
}

/** Floating-point operations that one submission may take, so that no watchdog ends it: well below a second. */
const SUBMISSION = { hardware: 2e10, software: 5e8 };

/** Sizes at which a single array still fits a binding, and a dispatch the device. */
function limitsOf({
  maxBufferSize,
  maxStorageBufferBindingSize,
  maxComputeWorkgroupsPerDimension,
}: GPUSupportedLimits): DeviceReport["limits"] {
  const elements = Math.min(maxBufferSize, maxStorageBufferBindingSize) / 4;
  const rows = Math.floor(Math.sqrt(elements) / ALIGNMENT) * ALIGNMENT;
  const states = Math.floor(elements / ALIGNMENT / ALIGNMENT) * ALIGNMENT;
  return {
    // One less than the padded rows, so that N² + N elements fit where rows² do.
    units: rows - 1,
    chains: Math.min(states, maxComputeWorkgroupsPerDimension * MEASURE_STATES),
  };
}

const softwareNames = /swiftshader|llvmpipe|lavapipe|basic render|software/i;

/** What an adapter says of itself. */
function describe(adapter: GPUAdapter): { report: DeviceReport; software: boolean } {
  const { vendor, architecture, device, description, isFallbackAdapter } = adapter.info;
  const software =
    isFallbackAdapter || softwareNames.test([architecture, device, description].join(" "));
  const name = [vendor, device || architecture].filter(Boolean).join(" ") || "unnamed adapter";
  const facts = Object.entries({ vendor, architecture, device, description });
  return {
    software,
    report: {
      label: software ? `${name} (in software, on the processor)` : name,
      precision: "float32",
      threads: 1,
      noise: "shared",
      limits: limitsOf(adapter.limits),
      details: [
        ...facts.filter(([, value]) => value).map(([fact, value]) => `${fact}: ${value}`),
        software ? "a software adapter: the processor computes" : "a hardware adapter",
      ],
    },
  };
}

/** Limits that are asked for as high as the adapter has them. */
const wantedLimits = [
  "maxBufferSize",
  "maxStorageBufferBindingSize",
  "maxComputeWorkgroupStorageSize",
  "maxComputeInvocationsPerWorkgroup",
  "maxComputeWorkgroupSizeX",
  "maxComputeWorkgroupSizeY",
] as const;

/** An open device. It is lost once at most, and never comes back. */
export class GraphicsDevice {
  readonly report: DeviceReport;
  /** Floating-point operations of one submission. */
  readonly submission: number;
  readonly device: GPUDevice;
  /** Resolves when the device is lost. */
  readonly lost: Promise<LangevinError>;
  readonly #programs = new Map<string, Promise<Program>>();
  readonly #lossCallbacks = new Set<(error: LangevinError) => void>();
  #failure: LangevinError | undefined;

  private constructor(device: GPUDevice, report: DeviceReport, software: boolean) {
    this.device = device;
    this.report = report;
    this.submission = software ? SUBMISSION.software : SUBMISSION.hardware;
    const onError = (event: Event) => {
      this.#failure ??= new LangevinError(
        "device-failed",
        `The graphics device failed: ${(event as GPUUncapturedErrorEvent).error.message}`,
      );
    };
    device.addEventListener("uncapturederror", onError);
    this.lost = device.lost.then(({ message }) => {
      // In Node a listener keeps its device, and all memory of it, for as long as the process lives.
      device.removeEventListener("uncapturederror", onError);
      const failure = new LangevinError(
        "device-lost",
        `The graphics device was lost: ${message.trim() || "the system gave no reason."}`,
        "Open a session anew and write what was read last; it goes on from there.",
      );
      this.#failure = failure;
      for (const callback of this.#lossCallbacks) callback(failure);
      return failure;
    });
  }

  /** What went wrong with the device, if anything did. */
  get failure(): LangevinError | undefined {
    return this.#failure;
  }

  /** Has the callback called when the device is lost; returns the way to take it off again. */
  onLost(callback: (error: LangevinError) => void): () => void {
    this.#lossCallbacks.add(callback);
    return () => this.#lossCallbacks.delete(callback);
  }

  /**
   * Finds an adapter and opens its device.
   *
   * @param remedy what to do where there is no adapter
   * @throws unavailable
   */
  static async open(
    gpu: GPU,
    powerPreference: GPUPowerPreference | undefined,
    remedy: string,
  ): Promise<GraphicsDevice> {
    try {
      const adapter = await gpu.requestAdapter(powerPreference ? { powerPreference } : {});
      if (!adapter) {
        throw new LangevinError("unavailable", "WebGPU found no adapter on this machine.", remedy);
      }
      const requiredLimits = Object.fromEntries(
        wantedLimits.map((name) => [name, adapter.limits[name]]),
      );
      const { report, software } = describe(adapter);
      return new GraphicsDevice(await adapter.requestDevice({ requiredLimits }), report, software);
    } catch (error) {
      if (isLangevinError(error)) throw error;
      const reason = error instanceof Error ? error.message : String(error);
      throw new LangevinError("unavailable", `WebGPU cannot open a device: ${reason}`, remedy, {
        cause: error,
      });
    }
  }

  /** A kernel's program, compiled when it is first asked for. */
  program(kernel: Kernel): Promise<Program> {
    let program = this.#programs.get(kernel.key);
    if (!program) {
      program = this.#compile(kernel);
      this.#programs.set(kernel.key, program);
    }
    return program;
  }

  async #compile({ key, bindings, code }: Kernel): Promise<Program> {
    const module = this.device.createShaderModule({ label: key, code });
    const pipeline = await this.device.createComputePipelineAsync({
      label: key,
      layout: "auto",
      compute: { module, entryPoint: "main" },
    });
    return { pipeline, bindings };
  }
}
