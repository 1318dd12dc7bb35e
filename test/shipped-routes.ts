// The routes table as it is shipped, for tests: owners edit theirs. test/unit/registry-tables.test.ts holds it to the documents.

export const SHIPPED_ROUTES = {
  docker: "https://registry-1.docker.io",
  quay: "https://quay.io",
  gcr: "https://gcr.io",
  "k8s-gcr": "https://registry.k8s.io",
  k8s: "https://registry.k8s.io",
  ghcr: "https://ghcr.io",
  cloudsmith: "https://docker.cloudsmith.io",
  ecr: "https://public.ecr.aws",
  mcr: "https://mcr.microsoft.com",
  nvcr: "https://nvcr.io",
  gitlab: "https://registry.gitlab.com",
  elastic: "https://docker.elastic.co",
  cgr: "https://cgr.dev",
  ollama: "https://registry.ollama.ai",
  redhat: "https://registry.access.redhat.com",
};
