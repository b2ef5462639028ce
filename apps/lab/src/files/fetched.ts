// A file of the site, or a sentence that says why it is not there.
import { LangevinError } from "@neural-langevin/core";

/**
 * What the site answers.
 *
 * @param what what the file holds, as a sentence begins with it
 * @throws unavailable: there is no network and the file is not kept, or the site does not have it
 */
export async function fetched(address: string | URL, what: string): Promise<Response> {
  const response = await fetch(address).catch(() => undefined);
  if (response?.ok) return response;
  throw new LangevinError(
    "unavailable",
    `${what} could not be loaded: ${response ? `the site answers ${response.status}` : "the site does not answer"}.`,
    response ? "Reload the page: the site may have changed." : "Try again when there is a network.",
  );
}
