// What is in a file of video.

/** Milliseconds at which the pictures of a WebM file are shown. */
export function blocksOf(bytes: Buffer): number[] {
  const found: number[] = [];
  let cluster = 0;
  const walk = (from: number, to: number) => {
    for (let at = from; at < to; ) {
      const nameLength = Math.clz32(bytes[at]!) - 23;
      const name = bytes.readUIntBE(at, nameLength);
      const size = bytes.readUInt32BE(at + nameLength) - 0x1000_0000;
      const body = at + nameLength + 4;
      if (name === 0x18538067 || name === 0x1f43b675) walk(body, body + size);
      else if (name === 0xe7) cluster = bytes.readUIntBE(body, size);
      else if (name === 0xa3) found.push(cluster + bytes.readInt16BE(body + 1));
      at = body + size;
    }
  };
  walk(0, bytes.length);
  return found;
}
