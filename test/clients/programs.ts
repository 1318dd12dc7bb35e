// Makes sure that the client programs are there: what is missing is installed from the distribution's packages.

import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { installPackages } from "../tools/packages.ts";

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
  await installPackages(PACKAGES, isInstalled);
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
