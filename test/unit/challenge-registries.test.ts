// The challenges that public registries really send.
import { describe, expect, it } from "vitest";
import { parseChallenges } from "../../src/distribution/challenge.ts";

const SCOPE = "repository:library/busybox:pull";

describe("the challenge of", () => {
  it.each<[string, string, string, Record<string, string>]>([
    [
      "Docker Hub",
      `Bearer realm="https://auth.docker.io/token",service="registry.docker.io",scope="${SCOPE}",error="insufficient_scope"`,
      "Bearer",
      {
        realm: "https://auth.docker.io/token",
        service: "registry.docker.io",
        scope: SCOPE,
        error: "insufficient_scope",
      },
    ],
    [
      "quay.io",
      'Bearer realm="https://quay.io/v2/auth",service="quay.io"',
      "Bearer",
      { realm: "https://quay.io/v2/auth", service: "quay.io" },
    ],
    [
      "gcr.io, its service without quotes",
      'Bearer realm="https://gcr.io/v2/token",service=gcr.io',
      "Bearer",
      { realm: "https://gcr.io/v2/token", service: "gcr.io" },
    ],
    [
      "pkg.dev, without service",
      'Bearer realm="https://us-central1-docker.pkg.dev/v2/token"',
      "Bearer",
      { realm: "https://us-central1-docker.pkg.dev/v2/token" },
    ],
    [
      "ghcr.io",
      'Bearer realm="https://ghcr.io/token",service="ghcr.io",scope="repository:user/image:pull"',
      "Bearer",
      { realm: "https://ghcr.io/token", service: "ghcr.io", scope: "repository:user/image:pull" },
    ],
    [
      "nvcr.io, with an empty scope",
      'Bearer realm="https://nvcr.io/proxy_auth",scope=""',
      "Bearer",
      { realm: "https://nvcr.io/proxy_auth", scope: "" },
    ],
    [
      "public.ecr.aws",
      'Bearer realm="https://public.ecr.aws/token/",service="public.ecr.aws",scope="aws"',
      "Bearer",
      { realm: "https://public.ecr.aws/token/", service: "public.ecr.aws", scope: "aws" },
    ],
    [
      "private ECR",
      'Basic realm="https://1.dkr.ecr.us-east-1.amazonaws.com/",service="ecr.amazonaws.com"',
      "Basic",
      { realm: "https://1.dkr.ecr.us-east-1.amazonaws.com/", service: "ecr.amazonaws.com" },
    ],
    [
      "docker.cloudsmith.io",
      'Bearer realm="https://docker.cloudsmith.io/v2/token",service="https://docker.cloudsmith.io"',
      "Bearer",
      { realm: "https://docker.cloudsmith.io/v2/token", service: "https://docker.cloudsmith.io" },
    ],
    [
      "registry.gitlab.com",
      'Bearer realm="https://gitlab.com/jwt/auth",service="container_registry",scope="repository:g/p:pull,push"',
      "Bearer",
      {
        realm: "https://gitlab.com/jwt/auth",
        service: "container_registry",
        scope: "repository:g/p:pull,push",
      },
    ],
    [
      "docker.elastic.co",
      'Bearer realm="https://docker-auth.elastic.co/auth",service="token-service"',
      "Bearer",
      { realm: "https://docker-auth.elastic.co/auth", service: "token-service" },
    ],
    [
      "xpkg.upbound.io",
      'Bearer realm="https://xpkg.upbound.io/service/token",service="xpkg.upbound.io"',
      "Bearer",
      { realm: "https://xpkg.upbound.io/service/token", service: "xpkg.upbound.io" },
    ],
  ])("%s is understood", (_, header, scheme, parameters) => {
    const challenges = parseChallenges(header).map((each) => [
      each.scheme,
      Object.fromEntries(each.parameters),
    ]);
    expect(challenges).toEqual([[scheme, parameters]]);
  });
});
