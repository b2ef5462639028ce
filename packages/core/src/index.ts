// The public interface of the core package.
export * from "./errors.js";
export * from "./noise.js";
export * from "./order.js";
export * from "./threefry.js";
