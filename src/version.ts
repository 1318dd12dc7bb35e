/** The version of package.json, which does not travel with a deployment. */
export const VERSION = "0.1.0";
