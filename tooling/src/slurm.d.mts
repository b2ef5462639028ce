export declare function hasSlurm(): boolean;
export interface Slurm {
  run(
    program: "srun" | "sbatch",
    args: readonly string[],
    options?: {
      readonly variables?: Readonly<Record<string, string>>;
      readonly cwd?: string;
    },
  ): Promise<{ code: number; out: string; err: string }>;
  stop(): Promise<void>;
}
export declare function startSlurm(): Promise<Slurm>;
