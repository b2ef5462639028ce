// What comes along with the lab is compressed by gzip in its file, because not every host compresses what it sends.

/** The bytes of a gzip file that was asked for. */
export async function unzipped({ body }: Response): Promise<Uint8Array> {
  const stream = body!.pipeThrough(new DecompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}
