// The sandbox on the wire: its scenarios, and the clock that marketplace, bank and channel share. On an installation
// without a sandbox nothing of it is found.

import { z } from "@hono/zod-openapi";
import { apiRoute, json } from "../api-route.ts";
import { idParam, instant } from "./values.ts";

/** A year and a bit: a longer leap would make more days of statements than anyone asked for. */
const MOVE_DAYS_MAX = 400;

const scenario = z
  .object({
    name: z.string().openapi({ example: "late-credit" }),
    title: z.object({ en: z.string(), zh: z.string() }),
    stepCount: z.int(),
    /** Days that pass in it. */
    days: z.number(),
  })
  .openapi("Scenario");

export const sandboxState = z
  .object({ now: instant, scenarios: z.array(scenario) })
  .openapi("Sandbox");
export type SandboxJson = z.infer<typeof sandboxState>;

const play = z
  .object({ scenario: z.string(), startedAt: instant, endedAt: instant })
  .openapi("ScenarioPlay", { description: "Both instants are of the sandbox's clock." });

export const getSandbox = apiRoute({
  method: "get",
  path: "/v1/sandbox",
  operationId: "getSandbox",
  summary: "What the sandbox can play, and what time it is there",
  tags: ["Sandbox"],
  permission: "sandbox.control",
  responses: { 200: json(sandboxState, "The sandbox.") },
  problems: ["not-found"],
});

export const playScenario = apiRoute({
  method: "post",
  path: "/v1/sandbox/scenarios/{name}/plays",
  operationId: "playScenario",
  summary: "Play a scenario to its end",
  description:
    "Everything in it happens in the sandbox marketplace and bank, and reaches the channel by the ways that real ones use. " +
    "Time is moved as far as the scenario says.",
  tags: ["Sandbox"],
  permission: "sandbox.control",
  idempotent: true,
  request: { params: z.object({ name: idParam("The scenario's name", "late-credit") }) },
  responses: { 200: json(play, "It has been played.") },
  problems: ["not-found", "scenario-running"],
});

export const moveSandboxClock = apiRoute({
  method: "post",
  path: "/v1/sandbox/clock/moves",
  operationId: "moveSandboxClock",
  summary: "Let time pass in the sandbox",
  tags: ["Sandbox"],
  permission: "sandbox.control",
  idempotent: true,
  request: {
    body: {
      required: true,
      content: {
        "application/json": {
          schema: z.strictObject({ days: z.number().min(0).max(MOVE_DAYS_MAX) }),
        },
      },
    },
  },
  responses: { 200: json(z.object({ now: instant }).openapi("SandboxTime"), "The time there.") },
  problems: ["not-found"],
});
