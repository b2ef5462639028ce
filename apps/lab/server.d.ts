/** A lab that is served until it is closed. */
export interface LabServer {
  readonly port: number;
  close(): Promise<void>;
}

/**
 * Serves the lab to this computer, and files by their paths below `/run/`, of which `/run/index.json` is the list: what
 * `servedFiles` of `@neural-langevin/runs/node` says, for example. The page opens them at the address `/?run`.
 *
 * @param port 0 takes any that is free
 * @throws unavailable, for a port that cannot be used
 */
export declare function serveLab(
  files: ReadonlyMap<string, string>,
  port: number,
): Promise<LabServer>;
