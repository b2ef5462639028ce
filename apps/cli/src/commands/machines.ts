// `nlm machines`: the trained machines that are included, and what is known about each.
import { machineCard, machineCards } from "@neural-langevin/machines";
import type { Command } from "commander";
import { ZOO } from "../files/named-machine.js";
import type { Terminal } from "../terminal/terminal.js";
import { describeCard } from "../text/card.js";

function machines(terminal: Terminal, name: string | undefined): void {
  const own = name?.startsWith(ZOO) ? name.slice(ZOO.length) : name;
  const cards = own === undefined ? machineCards : [machineCard(own)];
  const text = cards.map((card) => describeCard(card, ZOO + card.name).join("\n"));
  terminal.result({ machines: cards }, text.join("\n\n"));
}

/** Adds the command to the program. */
export function defineMachines(program: Command, terminal: Terminal): void {
  program
    .command("machines")
    .argument("[name]", "one of them")
    .description("list the trained machines that are included, and how each was made")
    .option("--json", "write one JSON object to stdout")
    .addHelpText(
      "after",
      `
Every command that takes a machine takes one of these names.

Examples:
  nlm machines
  nlm sample zoo:ten-digits --label 6
  nlm classify zoo:ten-digits 3.png`,
    )
    .action((name: string | undefined) => machines(terminal, name));
}
