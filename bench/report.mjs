// The report as people read it.

const digits = (value) =>
  value >= 1000 ? value.toFixed(0) : value >= 100 ? value.toFixed(1) : value.toPrecision(3);
const ratioText = (one) => (one ? `${one.median.toFixed(2)}` : "–");
const spreadText = ({ median, low, high }) => `±${((50 * (high - low)) / median).toFixed(1)} %`;

function table(rows) {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  return rows
    .map((row) =>
      row
        .map((cell, column) =>
          column === 0 ? cell.padEnd(widths[column]) : cell.padStart(widths[column]),
        )
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

function shape({ name, strangers, results, dropped, bestPeer, bestTorch }) {
  const rows = [
    [
      "",
      "per s",
      "spread",
      "GFLOP/s",
      "of peak",
      "of products",
      "to peer",
      "to torch",
      "to 1 thread",
    ],
  ];
  for (const one of results) {
    rows.push([
      one.label,
      one.kind === "peak" ? "" : digits(one.perSecond.median),
      spreadText(one.perSecond),
      digits(one.gflops),
      ratioText(one.ofPeak),
      ratioText(one.ofProducts),
      ratioText(one.toBestPeer),
      ratioText(one.toBestTorch),
      ratioText(one.toOneThread),
    ]);
  }
  const notes = results.filter(({ note }) => note).map((one) => `  ${one.label}: ${one.note}`);
  const drops = dropped.map(({ label, reason }) => `  ${label} did not take part: ${reason}`);
  const best = `  best peer: ${bestPeer ?? "none"}; best PyTorch: ${bestTorch ?? "none"}`;
  const share = `${(100 * strangers).toFixed(0)} %`;
  const trust = strangers > 0.05 ? ": do not trust these numbers" : "";
  const busy = `  other programs took ${share} of the processors${trust}`;
  return `\n${name}\n${table(rows)}\n${[busy, best, ...notes, ...drops].join("\n")}\n`;
}

function rest({ device, threads, starts, memory, missing }) {
  const lines = ["", "First answer after open(), N = 784, B = 1000 (at most 300 ms)"];
  for (const { id, milliseconds, failure } of starts) {
    lines.push(`  ${id.padEnd(16)} ${failure ?? `${milliseconds.median.toFixed(0)} ms`}`);
  }
  lines.push("", "Memory of a session, N = 784, B = 1000, as large a batch");
  for (const { id, bytes, limit, failure } of memory) {
    const share =
      `${(bytes / 1e6).toFixed(0)} MB` +
      (limit ? ` of ${(limit / 1e6).toFixed(0)} MB promised` : "");
    lines.push(`  ${id.padEnd(16)} ${failure ?? share}`);
  }
  if (missing.length > 0) lines.push("", "Missing");
  for (const { id, reason } of missing) lines.push(`  ${id.padEnd(16)} ${reason}`);
  const environment = Object.entries(device.environment).map(([name, value]) => `${name}=${value}`);
  lines.push(
    "",
    `${device.processor}, ${threads} of ${device.cores} threads, ${device.system}, Node ${device.node}` +
      `${environment.length > 0 ? `, ${environment.join(" ")}` : ""}`,
    "",
  );
  return lines.join("\n");
}

export const text = { shape, rest };
