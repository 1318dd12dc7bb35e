// An answer to a question of our own, with whose tokens ever it was asked.

import type { PublicResponse } from "./anonymous.ts";
import type { OwnerResponse } from "./owner.ts";

/** What may be kept: in the public class what nobody's tokens brought, in a private one what the owner's did (S10). */
export type Answer = OwnerResponse | PublicResponse;
