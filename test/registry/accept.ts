// What a client of today accepts as a manifest, in the order in which most of them say it. No Node types: workerd reads it.

export const OCI_INDEX = "application/vnd.oci.image.index.v1+json";
export const OCI_IMAGE = "application/vnd.oci.image.manifest.v1+json";
export const DOCKER_LIST = "application/vnd.docker.distribution.manifest.list.v2+json";
export const DOCKER_IMAGE = "application/vnd.docker.distribution.manifest.v2+json";

/** The value of an Accept header. */
export const ACCEPT = [OCI_INDEX, OCI_IMAGE, DOCKER_LIST, DOCKER_IMAGE].join(", ");
