import { forgetModules } from "../fresh-modules.ts";

forgetModules();
