import type { Plugin } from "vite";

export class Notices {
  add(file: string): void;
  addText(file: string): void;
  plugin(): Plugin;
  text(): string;
  write(folder: string): void;
}
