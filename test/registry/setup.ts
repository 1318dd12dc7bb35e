// Starts the control server of the embedded registry before the Worker's tests, which run inside workerd.
import type { TestProject } from "vitest/node";
import type {} from "./provided.ts";
import { startControl } from "./control.ts";

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const control = await startControl();
  project.provide("controlUrl", control.url);
  return () => control.close();
}
