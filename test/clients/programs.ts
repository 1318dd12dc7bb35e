// Makes sure that the client programs are there: what is missing is installed from the distribution's packages.

import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { must } from "../tools/processes.ts";

/** Program and the package that has it, in Debian and Ubuntu. */
const PACKAGES: Record<string, string> = {
  docker: "docker.io",
  dockerd: "docker.io",
  containerd: "containerd",
  ctr: "containerd",
  podman: "podman",
  skopeo: "skopeo",
  buildah: "buildah",
  "docker-registry": "docker-registry",
  openssl: "openssl",
  script: "bsdutils",
};

/** Installs missing programs; throws if that fails, because a client that was not run is not a client that works. */
export async function installPrograms(): Promise<void> {
  const missing = () => Object.keys(PACKAGES).filter((program) => !isInstalled(program));
  const packages = [...new Set(missing().map((program) => PACKAGES[program] ?? program))];
  if (packages.length === 0) return;
  console.log(`installing ${packages.join(", ")}`);
  const env = { DEBIAN_FRONTEND: "noninteractive" };
  await must(["apt-get", "update"], { env, limit: 300 });
  await must(["apt-get", "install", "-y", "--no-install-recommends", ...packages], { env, limit: 600 });
  const left = missing();
  if (left.length > 0) throw new Error(`missing programs: ${left.join(", ")}`);
}

function isInstalled(program: string): boolean {
  return (process.env["PATH"] ?? "").split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
