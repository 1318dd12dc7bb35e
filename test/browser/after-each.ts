// After each test: what no page may ever do, whatever the test was about.

import { afterEach } from "vitest";
import { leaveAll } from "./visit.ts";

afterEach(leaveAll);
