// What vite.config.ts makes while building.

declare module "virtual:operations" {
  /** Method, path and whether it is an act, by operationId. */
  const operations: Readonly<Record<string, readonly [string, string, boolean]>>;
  export default operations;
}
