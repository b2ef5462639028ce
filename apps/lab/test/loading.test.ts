// What cannot be loaded is said in a sentence with a remedy.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, it } from "vitest";
import { fetched } from "../src/files/fetched.js";

it("a site that does not answer, or has no such file, is named with what is missing", async () => {
  const server = createServer((_, response) => response.writeHead(404).end());
  await new Promise<void>((resolve) => server.listen(0, "localhost", resolve));
  const address = `http://localhost:${(server.address() as AddressInfo).port}/digits.bin`;
  await expect(fetched(address, "The real digits")).rejects.toMatchObject({
    code: "unavailable",
    message: "The real digits could not be loaded: the site answers 404.",
  });
  await new Promise((resolve) => server.close(resolve));
  await expect(fetched(address, "The real digits")).rejects.toMatchObject({
    code: "unavailable",
    message: "The real digits could not be loaded: the site does not answer.",
    remedy: "Try again when there is a network.",
  });
});
