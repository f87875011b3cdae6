// The settings of the whole program: those of the service, and the API's beside them.

import { z } from "zod";
import { serviceConfig } from "../runtime/config.ts";
import { apiSettings } from "./settings.ts";

export const fullConfig = z.strictObject({
  ...serviceConfig.shape,
  api: apiSettings.prefault({}),
});

export type FullConfig = z.infer<typeof fullConfig>;
