// Policies as YAML, for the two that carry one out: Kubernetes itself, and Kyverno. Both compile the same CEL with the same library.

import type { Expressions, Variable } from "./expressions.ts";

/** Who carries a policy out. */
export const KINDS = ["admission", "kyverno"] as const;
export type Kind = (typeof KINDS)[number];

const NAME = "registry-ferry";

/** The manifests of a policy, with comments for who has to answer for it. */
export function manifestsOf(kind: Kind, host: string, expressions: Expressions): string {
  return kind === "admission" ? admissionPolicy(host, expressions) : kyvernoPolicy(host, expressions);
}

function admissionPolicy(host: string, expressions: Expressions): string {
  return `# Pulls the images of new Pods through ${host}. Kubernetes 1.36 or later; in 1.34 and 1.35 write
# v1beta1 for v1 in both documents, and start kube-apiserver with --feature-gates=MutatingAdmissionPolicy=true
# --runtime-config=admissionregistration.k8s.io/v1beta1=true.
apiVersion: admissionregistration.k8s.io/v1
kind: MutatingAdmissionPolicy
metadata:
  name: ${NAME}
spec:
${specOf(expressions)}---
apiVersion: admissionregistration.k8s.io/v1
kind: MutatingAdmissionPolicyBinding
metadata:
  name: ${NAME}
spec:
  policyName: ${NAME}
`;
}

function kyvernoPolicy(host: string, expressions: Expressions): string {
  return `# Pulls the images of new Pods through ${host}. Kyverno 1.17 or later; in 1.16 write v1beta1 for v1.
apiVersion: policies.kyverno.io/v1
kind: MutatingPolicy
metadata:
  name: ${NAME}
spec:
  # Pods that run already are left alone.
  evaluation:
    background: { enabled: false }
${specOf(expressions)}`;
}

function specOf({ variables, patch }: Expressions): string {
  return `  # Where the policy cannot be evaluated a Pod starts with the image as it was named, instead of not at all.
  failurePolicy: Ignore
  # Once more after webhooks that add containers (sidecars). What begins with the host is left, so twice is as once.
  reinvocationPolicy: IfNeeded
  matchConstraints:
    # What the cluster needs to come up (DNS, its network) must not wait for the proxy. Add your own namespaces of that sort.
    namespaceSelector:
      matchExpressions:
        - { key: kubernetes.io/metadata.name, operator: NotIn, values: [kube-system] }
    # Not updates of Pods: a changed image restarts a container that runs. Ephemeral containers are added by updates.
    resourceRules:
      - { apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [pods] }
      - { apiGroups: [""], apiVersions: [v1], operations: [UPDATE], resources: [pods/ephemeralcontainers] }
  variables:
${variables.map(variableOf).join("")}  mutations:
    - patchType: JSONPatch
      jsonPatch:
        expression: |-
${indented(10, patch)}
`;
}

function variableOf({ name, expression }: Variable): string {
  return `    - name: ${name}\n      expression: |-\n${indented(8, expression)}\n`;
}

function indented(spaces: number, text: string): string {
  return text.replace(/^/gm, " ".repeat(spaces));
}
