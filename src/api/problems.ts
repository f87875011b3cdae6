// Every "no" of the API: one catalogue of codes (RFC 9457). The page docs/reference/problems.md is written from it, and
// `GET /problems/{code}`, to which each answer's `type` points, shows the same entry.

import type { ContentfulStatusCode } from "hono/utils/http-status";
import { APPROVAL_PROBLEMS } from "./approval-problems.ts";
import { DECLARATION_PROBLEMS } from "./declaration-problems.ts";
import { ORDER_PROBLEMS } from "./order-problems.ts";
import { REPORT_PROBLEMS } from "./report-problems.ts";
import { STORE_PROBLEMS } from "./store-problems.ts";
import { WEBHOOK_PROBLEMS } from "./webhook-problems.ts";

export type ProblemEntry = {
  readonly status: ContentfulStatusCode;
  readonly title: string;
  /** The same in Chinese, for Accept-Language: zh. */
  readonly titleZh: string;
  /** True: the same request may succeed later. */
  readonly retryable: boolean;
  /** What it means and what to do about it, for the page. */
  readonly meaning: string;
};

export const PROBLEMS = {
  // The request as such.
  "request-invalid": {
    status: 400,
    title: "The request does not have the right form",
    titleZh: "请求格式不正确",
    retryable: false,
    meaning: "`errors` names each field by a JSON pointer. Correct them and send it again.",
  },
  "json-malformed": {
    status: 400,
    title: "The body is not JSON",
    titleZh: "请求体不是有效的 JSON",
    retryable: false,
    meaning: "Send one JSON document in UTF-8 with `Content-Type: application/json`.",
  },
  "cursor-invalid": {
    status: 400,
    title: "The cursor is not one of this list",
    titleZh: "游标不属于此列表",
    retryable: false,
    meaning:
      "Use `nextCursor` of an answer of the same list, unchanged, or leave `cursor` out to begin anew.",
  },
  "not-signed-in": {
    status: 401,
    title: "Nobody is signed in",
    titleZh: "未登录",
    retryable: false,
    meaning:
      "Send an API key as `Authorization: Bearer …`, or sign in. An expired or revoked key or session gives the same answer.",
  },
  "signature-refused": {
    status: 401,
    title: "The signature does not admit this call",
    titleZh: "签名校验未通过",
    retryable: false,
    meaning:
      "A bank's call is signed over its time and its bytes, with a key of the connection and a clock within minutes of ours (docs/reference/bank-connections.md). Nothing was kept.",
  },
  "not-permitted": {
    status: 403,
    title: "Your role or key does not permit this",
    titleZh: "当前角色或密钥无此权限",
    retryable: false,
    meaning:
      "The route's `x-permission` names what is needed. Ask an administrator for a role or a key that has it.",
  },
  "step-up-needed": {
    status: 403,
    title: "Show your second factor again",
    titleZh: "需要再次验证第二因素",
    retryable: false,
    meaning:
      "This act needs a person whose second factor was checked in the last ten minutes. Confirm it and send the request again; a key cannot do this.",
  },
  "not-found": {
    status: 404,
    title: "There is no such thing here",
    titleZh: "未找到",
    retryable: false,
    meaning: "The id names nothing, or nothing that you may see: both give this answer.",
  },
  "method-not-allowed": {
    status: 405,
    title: "This path does not take this method",
    titleZh: "此路径不支持该方法",
    retryable: false,
    meaning: "`Allow` lists the methods that it takes.",
  },
  "body-too-large": {
    status: 413,
    title: "The body is too large",
    titleZh: "请求体过大",
    retryable: false,
    meaning:
      "A JSON body and an uploaded file have limits of their own, named in the answer. Split the file, or use a drop folder for large ones.",
  },
  "media-type-not-supported": {
    status: 415,
    title: "This media type is not taken here",
    titleZh: "不支持此媒体类型",
    retryable: false,
    meaning: "The reference page lists the media types of each route.",
  },
  // Repeats and edits.
  "idempotency-key-missing": {
    status: 400,
    title: "Idempotency-Key is missing",
    titleZh: "缺少 Idempotency-Key",
    retryable: false,
    meaning:
      "A request that moves money carries a key that its sender made, new for each act and the same for each repeat of it.",
  },
  "idempotency-key-invalid": {
    status: 400,
    title: "Idempotency-Key does not have the right form",
    titleZh: "Idempotency-Key 格式不正确",
    retryable: false,
    meaning: "Use 8 to 128 visible ASCII characters, in double quotes or bare; a UUID is right.",
  },
  "idempotency-key-running": {
    status: 409,
    title: "The first request with this key is still running",
    titleZh: "使用该键的首个请求仍在处理中",
    retryable: true,
    meaning:
      "Wait as `Retry-After` says and send the same request again: it gets the first one's answer.",
  },
  "idempotency-key-reused": {
    status: 422,
    title: "This key was used for another request",
    titleZh: "该键已用于另一请求",
    retryable: false,
    meaning:
      "Another method, path or body came with this key before. Use a new key for another act; nothing was done.",
  },
  "if-match-missing": {
    status: 428,
    title: "If-Match is missing",
    titleZh: "缺少 If-Match",
    retryable: false,
    meaning:
      "Read the object first and send its `ETag` as `If-Match`, so that nobody overwrites what they have not seen.",
  },
  "changed-meanwhile": {
    status: 412,
    title: "It changed since you read it",
    titleZh: "对象已被更改",
    retryable: false,
    meaning:
      "Read it again, look at what changed, and send the edit with the new `ETag`. Nothing was changed.",
  },
  // Uploads.
  "upload-empty": {
    status: 422,
    title: "The file is empty",
    titleZh: "文件为空",
    retryable: false,
    meaning: "Nothing was kept. Fetch the file again from where it came.",
  },
  "upload-not-for-sellers": {
    status: 403,
    title: "Sellers hand in marketplace files only",
    titleZh: "卖家只能上传平台文件",
    retryable: false,
    meaning:
      "A bank's notice makes money, so it comes from the bank or its operator. Upload settlement reports, payout lists and what else the marketplace gives; nothing was kept of this file.",
  },
  // Approvals.
  "approval-pending": {
    status: 409,
    title: "The same is asked for already",
    titleZh: "相同的请求尚未处理完",
    retryable: false,
    meaning: "The detail names the request that waits for its decision, or for being carried out.",
  },
  "reason-missing": {
    status: 422,
    title: "A reason is missing",
    titleZh: "缺少理由",
    retryable: false,
    meaning: "Who decides must know why it is asked for, and who asked why it is denied.",
  },
  "reason-too-long": {
    status: 422,
    title: "The reason is too long",
    titleZh: "理由过长",
    retryable: false,
    meaning: "A reason has at most 1000 characters.",
  },
  // Access.
  "sign-in-failed": {
    status: 401,
    title: "The sign-in is not right",
    titleZh: "登录信息有误",
    retryable: false,
    meaning:
      "What was shown is wrong, or too late, or of nobody: the answer is the same. Check it, or begin the sign-in anew.",
  },
  "sign-in-locked": {
    status: 429,
    title: "Too many failures in a row",
    titleZh: "连续失败次数过多",
    retryable: true,
    meaning:
      "Wait as `Retry-After` says. The wait doubles with each further failure, up to 15 minutes.",
  },
  "origin-refused": {
    status: 403,
    title: "This request came from another site",
    titleZh: "请求来自其他站点",
    retryable: false,
    meaning:
      "A request that changes something and carries a session cookie must come from a page of the channel itself (`Origin` or `Sec-Fetch-Site`). Programs use an API key.",
  },
  "invitation-invalid": {
    status: 410,
    title: "This invitation is not good any more",
    titleZh: "邀请已失效",
    retryable: false,
    meaning: "It was used, replaced or is too old. Ask whoever sent it for a new one.",
  },
  "password-weak": {
    status: 422,
    title: "This password is not taken",
    titleZh: "密码不符合要求",
    retryable: false,
    meaning: "It has at least 12 characters and is not made of what others know or guess first.",
  },
  "passkey-refused": {
    status: 422,
    title: "The device's answer is not good",
    titleZh: "通行密钥验证未通过",
    retryable: false,
    meaning:
      "Its challenge was used, is too old or is another's, or it was made at another address. Begin anew.",
  },
  "last-factor": {
    status: 409,
    title: "A second factor is needed",
    titleZh: "必须保留一个第二因素",
    retryable: false,
    meaning: "Nobody is without a second factor: add another one first.",
  },
  "user-state": {
    status: 409,
    title: "The user is not in a state for this",
    titleZh: "用户当前状态不允许此操作",
    retryable: false,
    meaning: "The detail says in which state the user is.",
  },
  "not-yourself": {
    status: 403,
    title: "Not to yourself",
    titleZh: "不能对自己执行此操作",
    retryable: false,
    meaning: "Nobody changes or disables their own user: ask another person.",
  },
  "last-admin": {
    status: 409,
    title: "This is the last admin",
    titleZh: "这是最后一位管理员",
    retryable: false,
    meaning: "Somebody must be able to say who may act. Make another admin first.",
  },
  "role-invalid": {
    status: 422,
    title: "Role and seller do not fit",
    titleZh: "角色与卖家不匹配",
    retryable: false,
    meaning: "A role that begins with `seller-` names its seller; no other role does.",
  },
  "role-not-yours": {
    status: 403,
    title: "You may not give this role or scope",
    titleZh: "无权授予该角色或权限",
    retryable: false,
    meaning:
      "Admins give every role, owners those of their own seller; a key carries no more than its maker may do.",
  },
  "scope-invalid": {
    status: 422,
    title: "A key of this role cannot carry this scope",
    titleZh: "该角色的密钥不能具有此权限",
    retryable: false,
    meaning: "Some permissions are for people only, and none goes beyond the key's role.",
  },
  "key-ended": {
    status: 409,
    title: "This key has ended",
    titleZh: "密钥已失效",
    retryable: false,
    meaning: "It is revoked or expired: make a new one.",
  },
  "email-taken": {
    status: 409,
    title: "Somebody has this e-mail address",
    titleZh: "该邮箱已被使用",
    retryable: false,
    meaning: "One address is one user. Find them in the list and change them there.",
  },
  "email-invalid": {
    status: 422,
    title: "This is no e-mail address",
    titleZh: "邮箱地址无效",
    retryable: false,
    meaning: "Only its form is checked: a name, `@` and a domain.",
  },
  "name-invalid": {
    status: 422,
    title: "This is no name",
    titleZh: "姓名无效",
    retryable: false,
    meaning: "A name has 1 to 100 characters.",
  },
  ...APPROVAL_PROBLEMS,
  ...STORE_PROBLEMS,
  ...REPORT_PROBLEMS,
  ...DECLARATION_PROBLEMS,
  ...WEBHOOK_PROBLEMS,
  "scenario-running": {
    status: 409,
    title: "A scenario is being played",
    titleZh: "正在演示另一场景",
    retryable: true,
    meaning: "The sandbox plays one scenario at a time. Wait for the end of the one that runs.",
  },
  // Load and faults.
  "rate-limited": {
    status: 429,
    title: "Too many requests",
    titleZh: "请求过于频繁",
    retryable: true,
    meaning: "Wait as `Retry-After` says. `RateLimit` on every answer tells what is left.",
  },
  unavailable: {
    status: 503,
    title: "Not possible at this moment",
    titleZh: "暂时不可用",
    retryable: true,
    meaning:
      "The database or the disk does not answer, or too much is waiting. Nothing is half done; send the same request again, with the same Idempotency-Key where it has one.",
  },
  "internal-fault": {
    status: 500,
    title: "Something here is broken",
    titleZh: "内部错误",
    retryable: true,
    meaning:
      "Nothing is half done. Tell the operator the `instance`, under which the log has the fault.",
  },
  ...ORDER_PROBLEMS,
} as const satisfies Record<string, ProblemEntry>;

export type ProblemCode = keyof typeof PROBLEMS;

/** One faulty field: where (RFC 6901 pointer into body, query or path), what kind, and a sentence. */
export type FieldFault = {
  readonly pointer: string;
  readonly code: string;
  readonly detail: string;
};

export type ProblemFacts = {
  /** One English sentence about this case. */
  readonly detail?: string;
  readonly errors?: readonly FieldFault[];
  readonly headers?: Readonly<Record<string, string>>;
};

/** Thrown by a route or its middleware; the app answers it. */
export class ApiProblem extends Error {
  readonly code: ProblemCode;
  readonly facts: ProblemFacts;

  constructor(code: ProblemCode, facts: ProblemFacts) {
    super(facts.detail ?? PROBLEMS[code].title);
    this.name = "ApiProblem";
    this.code = code;
    this.facts = facts;
  }
}

/** `throw problem("not-found")`. */
export function problem(code: ProblemCode, facts: ProblemFacts = {}): ApiProblem {
  return new ApiProblem(code, facts);
}
