// Problems of webhooks: part of the one catalogue (problems.ts).

import type { ProblemEntry } from "./problems.ts";

export const WEBHOOK_PROBLEMS = {
  "webhook-url-invalid": {
    status: 422,
    title: "This is no URL that an endpoint may have",
    titleZh: "该 URL 不能作为接收端点",
    retryable: false,
    meaning:
      "Use an absolute `https://` URL without user, password or fragment, of at most 2,048 characters.",
  },
  "webhook-url-insecure": {
    status: 422,
    title: "An endpoint is reached by HTTPS",
    titleZh: "接收端点必须使用 HTTPS",
    retryable: false,
    meaning:
      "Plain HTTP is for an endpoint on the same machine, in the sandbox. To develop, `straitway listen --forward-to` brings events to any local address.",
  },
  "webhook-url-not-public": {
    status: 422,
    title: "This address is not one that webhooks may reach",
    titleZh: "该地址不允许接收 Webhook",
    retryable: false,
    meaning:
      "Private and local addresses are refused, so that nobody reaches into the institution's own network. The operator may allow ranges of it in the settings.",
  },
  "webhook-event-type-unknown": {
    status: 422,
    title: "There is no such event type",
    titleZh: "没有该事件类型",
    retryable: false,
    meaning: "The types stand in events.md; `payout.*` is all of an object's.",
  },
  "webhook-description-too-long": {
    status: 422,
    title: "The description is too long",
    titleZh: "描述过长",
    retryable: false,
    meaning: "At most 200 characters.",
  },
  "webhook-endpoints-too-many": {
    status: 409,
    title: "There are too many endpoints",
    titleZh: "接收端点过多",
    retryable: false,
    meaning: "A seller has at most 16. Delete one that is not used.",
  },
  "webhook-disabled": {
    status: 409,
    title: "The endpoint is disabled",
    titleZh: "接收端点已停用",
    retryable: false,
    meaning: "Enable it first; then what waited is delivered.",
  },
  "webhook-delivery-pending": {
    status: 409,
    title: "This event waits to be delivered already",
    titleZh: "该事件已在等待投递",
    retryable: false,
    meaning: "The log of deliveries says when it is tried next.",
  },
  "event-unknown": {
    status: 422,
    title: "There is no such event for this endpoint",
    titleZh: "该端点没有此事件",
    retryable: false,
    meaning: "Ids are `evt_` and a number; an endpoint of a seller gets that seller's events.",
  },
  "replay-range-empty": {
    status: 422,
    title: "There is no event in this range",
    titleZh: "该范围内没有事件",
    retryable: false,
    meaning: "`GET /v1/events` shows the ids that there are.",
  },
  "replay-running": {
    status: 409,
    title: "A replay to this endpoint is running",
    titleZh: "该端点的重放正在进行",
    retryable: true,
    meaning: "Its own URL says how far it is. Ask for the next one when it is done.",
  },
} as const satisfies Record<string, ProblemEntry>;

export type WebhookProblemCode = keyof typeof WEBHOOK_PROBLEMS;

export function isWebhookProblem(code: string): code is WebhookProblemCode {
  return Object.hasOwn(WEBHOOK_PROBLEMS, code);
}
