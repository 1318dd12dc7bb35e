// What a person reads whose password was refused on a host of every registry: perhaps it was another registry's.

import { plainLoginHint } from "../access/login-names.ts";
import { parseObject } from "../distribution/json.ts";
import type { Inbound } from "../routing/inbound.ts";

/**
 * A token service's refusal of a plain user name, with what it was taken for. The service's own words stay before it;
 * docker shows `details` where they are, every other client the errors.
 * @param refusal as `requestToken` gives it: JSON with a list of errors
 */
export async function explainPlainLogin(inbound: Inbound, refusal: Response): Promise<Response> {
  const hint = plainLoginHint(inbound);
  const said = parseObject(await refusal.text()) ?? {};
  const errors = Array.isArray(said["errors"]) ? said["errors"].map((error) => explained(error, hint)) : [];
  const details = said["details"];
  const body = {
    ...said,
    ...(typeof details === "string" && { details: `${details} (${hint})` }),
    errors,
  };
  const { headers, status } = refusal;
  return new Response(JSON.stringify(body), { status, headers });
}

function explained(error: unknown, hint: string): unknown {
  const fields = parseObject(JSON.stringify(error));
  return fields === undefined ? error : { ...fields, message: `${String(fields["message"])} (${hint})` };
}
