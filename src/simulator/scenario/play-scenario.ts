// Plays a scenario in a sandbox. After each step the caller lets the channel catch up, as it would by itself in time.

import { invariant } from "../../errors/invariant.ts";
import { parseMinor } from "../../money/money.ts";
import type { ArrivalPlan } from "../bank/state.ts";
import type { Cast, CastStore } from "../demo-cast.ts";
import type { Sandbox } from "../sandbox.ts";
import type { CreditPlan, Scenario, ScenarioStep } from "./scenario.ts";

const DAY_MS = 86_400_000;
/** How often the channel looks while a scenario waits. */
const SLICE_MS = 8 * 3_600_000;

export type Play = {
  readonly sandbox: Sandbox;
  readonly cast: Cast;
  /** Lets the channel see and settle what happened so far. */
  readonly settle: () => Promise<void>;
  readonly onStep?: (step: ScenarioStep, index: number) => void;
};

export async function playScenario(scenario: Scenario, play: Play): Promise<void> {
  for (const [index, step] of scenario.steps.entries()) {
    play.onStep?.(step, index);
    if (step.step === "wait") await pass(step.days * DAY_MS, play);
    else {
      playStep(step, play);
      play.sandbox.passTime();
      await play.settle();
    }
  }
}

/** Lets time pass in pieces, so that the channel meets things in the order in which they happen. */
async function pass(ms: number, { sandbox, settle }: Play): Promise<void> {
  for (let left = Math.round(ms); left > 0; left -= SLICE_MS) {
    sandbox.clock.advanceMs(Math.min(left, SLICE_MS));
    sandbox.passTime();
    await settle();
  }
}

type ActStep = Exclude<ScenarioStep, { step: "wait" }>;

function playStep(step: ActStep, { sandbox, cast }: Play): void {
  if (step.step === "disturb")
    sandbox.marketplace.controls.disturb(step.operation, step.kind, step.times);
  else if (isBankStep(step)) playBankStep(step, sandbox, cast[step.store]);
  else playStoreStep(step, sandbox, cast[step.store]);
}

type BankStep = Extract<ActStep, { step: "plan-credit" | "outside-credit" | "repeat-messages" }>;
type StoreStep = Exclude<ActStep, BankStep | { step: "disturb" }>;

function isBankStep(step: ActStep): step is BankStep {
  return ["plan-credit", "outside-credit", "repeat-messages"].includes(step.step);
}

function playBankStep(step: BankStep, sandbox: Sandbox, store: CastStore): void {
  const { bank, clock } = sandbox;
  const { accountNumber, currency } = store;
  switch (step.step) {
    case "plan-credit": {
      const planned = bank.plan(accountNumber, currency, arrivalPlanOf(step.plan, store));
      invariant(planned.ok, "the cast's accounts are open");
      return;
    }
    case "outside-credit": {
      const received = bank.receive({
        transferId: `OUT${bank.state.lastNumber + 1}`,
        sentAt: clock.now(),
        accountNumber,
        currency,
        amountMinor: minorOf(step.amount, store),
        payerName: step.payer,
        reference: null,
      });
      invariant(received.ok, "the cast's accounts are open");
      return;
    }
    case "repeat-messages":
      bank.repeatMessages(accountNumber, currency);
  }
}

function playStoreStep(step: StoreStep, sandbox: Sandbox, store: CastStore): void {
  const { controls } = sandbox.marketplace;
  const { storeId } = store;
  switch (step.step) {
    case "sell":
      controls.sell(storeId, {
        orders: step.orders,
        ...(step.price === undefined ? {} : { priceMinor: minorOf(step.price, store) }),
        ...(step.deferral === undefined ? {} : { deferral: step.deferral }),
      });
      return;
    case "refund":
      controls.refund(storeId, lastOrderOf(sandbox, storeId));
      return;
    case "fee":
      controls.charge(storeId, step.kind, minorOf(step.amount, store));
      return;
    case "reserve":
      controls.changeSettings(storeId, { reserveMinor: minorOf(step.amount, store) });
      return;
    case "plan-payout":
      controls.planPayout(storeId, step.plan);
      return;
    case "close-settlement":
      controls.closeSettlement(storeId);
      return;
    case "break-report":
      controls.breakReport(lastSettlementOf(sandbox, storeId));
      return;
    case "reissue-report":
      controls.reissueReport(lastSettlementOf(sandbox, storeId), { form: step.form });
  }
}

function arrivalPlanOf(plan: CreditPlan, store: CastStore): ArrivalPlan {
  const { charge, lateDays, back, payerName, ...rest } = plan;
  const given = Object.fromEntries(
    Object.entries(rest).filter(([, value]) => value !== undefined),
  ) as Omit<ArrivalPlan, "chargeMinor" | "lateMs" | "back" | "payerName">;
  return {
    ...given,
    ...(payerName === undefined ? {} : { payerName }),
    ...(charge === undefined ? {} : { chargeMinor: minorOf(charge, store) }),
    ...(lateDays === undefined ? {} : { lateMs: lateDays * DAY_MS }),
    ...(back === undefined
      ? {}
      : {
          back: {
            kind: back.kind,
            afterMs: back.afterDays * DAY_MS,
            ...(back.amount === undefined ? {} : { amountMinor: minorOf(back.amount, store) }),
          },
        }),
  };
}

function minorOf(amount: string, { currency }: CastStore): bigint {
  const minor = parseMinor(amount, currency);
  invariant(minor.ok, `${amount} is no amount of ${currency}`);
  return minor.minor;
}

function lastOrderOf(sandbox: Sandbox, storeId: string): string {
  const orders = sandbox.marketplace.controls
    .store(storeId)
    .transactions.filter(({ kind }) => kind === "Shipment");
  const orderId = orders.at(-1)?.orderId;
  invariant(orderId !== undefined && orderId !== null, "a refund needs an order before it");
  return orderId;
}

function lastSettlementOf(sandbox: Sandbox, storeId: string): string {
  const closed = sandbox.marketplace.controls
    .store(storeId)
    .settlements.filter(({ endAt }) => endAt !== null);
  const settlementId = closed.at(-1)?.settlementId;
  invariant(settlementId !== undefined, "a report needs a closed settlement before it");
  return settlementId;
}
