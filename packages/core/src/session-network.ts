// A network in a session: how its parameters get there and back.
import type { Session } from "./backend/contract.js";
import { LangevinError } from "./errors.js";
import { type Network, requireNetwork } from "./network.js";

/**
 * Puts a network's couplings and bias into a session, rounded to float32 where they are float64.
 *
 * @throws invalid-value, wrong-length, not-finite, closed; invalid-value also when the session computes another
 *   activation than the network has
 */
export function writeNetwork(session: Session, network: Network): void {
  requireNetwork(network);
  const { activation = session.spec.activation } = network;
  if (activation !== session.spec.activation) {
    throw new LangevinError(
      "invalid-value",
      `The network's activation is "${activation}", but the session computes "${session.spec.activation}".`,
      `Open the session with activation: "${activation}".`,
    );
  }
  session.write("couplings", new Float32Array(network.couplings));
  session.write("bias", new Float32Array(network.bias));
}

/**
 * Reads the network that a session has come to, J of shape [N][N] and b of shape [N]: their averages where it has taken
 * some, otherwise the parameters as they are. `session.read("couplings")` always gives the latter.
 */
export async function readNetwork(
  session: Session,
): Promise<Network & { readonly couplings: Float32Array; readonly bias: Float32Array }> {
  const { units, activation } = session.spec;
  if (session.hasAverages) {
    const averages = await session.read("averages");
    const [couplings, bias] = [averages.slice(0, units * units), averages.slice(units * units)];
    return { units, couplings, bias, activation };
  }
  const [couplings, bias] = await Promise.all([session.read("couplings"), session.read("bias")]);
  return { units, couplings, bias, activation };
}
