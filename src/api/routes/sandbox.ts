// Control of the sandbox, where there is one: play a story, let time pass.

import type { SandboxControl } from "../../simulator/sandbox-run.ts";
import { getSandbox, moveSandboxClock, playScenario } from "../contract/sandbox.ts";
import type { ApiDeps } from "../deps.ts";
import { problem } from "../problems.ts";
import type { RegisterRoutes } from "../register.ts";

const DAY_MS = 86_400_000;

export const sandboxRoutes: RegisterRoutes = (app, deps) => {
  app.openapi(getSandbox, (c) => {
    const sandbox = sandboxOf(deps);
    const scenarios = sandbox.scenarios().map(({ name, title, steps }) => ({
      name,
      title,
      stepCount: steps.length,
      days: steps.reduce((sum, step) => sum + (step.step === "wait" ? step.days : 0), 0),
    }));
    return c.json({ now: sandbox.now(), scenarios }, 200);
  });
  app.openapi(playScenario, async (c) => {
    const sandbox = sandboxOf(deps);
    const startedAt = sandbox.now();
    const played = await sandbox.play(c.req.valid("param").name);
    if (!played.ok)
      throw problem(played.refusal.code === "scenario-running" ? "scenario-running" : "not-found", {
        detail: played.refusal.message,
      });
    return c.json({ scenario: played.value.name, startedAt, endedAt: sandbox.now() }, 200);
  });
  app.openapi(moveSandboxClock, async (c) => {
    const sandbox = sandboxOf(deps);
    const { days } = c.req.valid("json");
    return c.json({ now: await sandbox.advance(Math.round(days * DAY_MS)) }, 200);
  });
};

function sandboxOf({ sandbox }: ApiDeps): SandboxControl {
  if (sandbox === null) throw problem("not-found");
  return sandbox;
}
