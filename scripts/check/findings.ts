// What a check finds: a fault stops the deployment, a warning does not.

export interface Finding {
  readonly level: "fault" | "warning";
  readonly text: string;
}

export function fault(text: string): Finding {
  return { level: "fault", text };
}

export function warning(text: string): Finding {
  return { level: "warning", text };
}
