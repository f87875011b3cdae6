// The sign-in page as HTML: forms that work without a script; the script is for passkeys alone. Everything that was
// typed or stored is escaped, and the page asks for nothing outside of itself.

import type { Role } from "../../identity/roles.ts";
import type { FactorMethod } from "../../identity/sessions/factors.ts";
import type { TotpOffer } from "../../identity/sessions/set-up-factors.ts";
import type { Language } from "../language.ts";
import { wordsOf } from "./page-text.ts";

/** What the page shows: where a sign-in stands. */
export type PageState =
  | {
      readonly kind: "begin";
      readonly sso: readonly { readonly id: string; readonly name: string }[];
    }
  | { readonly kind: "invitation"; readonly token: string }
  | { readonly kind: "second-factor"; readonly methods: readonly FactorMethod[] }
  | { readonly kind: "enrol"; readonly offer: TotpOffer }
  | { readonly kind: "recovery-codes"; readonly codes: readonly string[] }
  | { readonly kind: "signed-in"; readonly name: string; readonly role: string };

const ESCAPES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ESCAPES[character] ?? "");
}

/** A text field with its label; `attributes` are the page's own. */
function field(name: string, label: string, attributes: string): string {
  return `<label for="${name}">${label}</label><input id="${name}" name="${name}" required ${attributes}>`;
}

function form(action: string, fields: string, submit: string): string {
  return `<form method="post" action="/sign-in/${action}">${fields}<button>${submit}</button></form>`;
}

function hidden(name: string, value: string): string {
  return `<input type="hidden" name="${name}" value="${escapeHtml(value)}">`;
}

const CODE = 'inputmode="numeric" autocomplete="one-time-code" maxlength="20" autofocus';

function beginForms(
  state: PageState & { kind: "begin" },
  words: ReturnType<typeof wordsOf>,
): string {
  const password =
    field("email", words.email, 'type="email" autocomplete="username" maxlength="254" autofocus') +
    field("password", words.password, 'type="password" autocomplete="current-password"');
  const sso = state.sso.map(
    ({ id, name }) =>
      `<p><a class="button" href="/v1/sign-in/sso/${escapeHtml(id)}?returnTo=/sign-in">${words.orSso} ${escapeHtml(name)}</a></p>`,
  );
  return [
    `<h1>${words.title}</h1>`,
    form("password", password, words.next),
    `<p><button type="button" data-passkey="sign-in" hidden>${words.orPasskey}</button></p>`,
    ...sso,
  ].join("\n");
}

function factorForms(
  state: PageState & { kind: "second-factor" },
  words: ReturnType<typeof wordsOf>,
): string {
  const { methods } = state;
  const recovery = field("recovery-code", words.recoveryCode, 'autocomplete="off" maxlength="60"');
  return [
    `<h1>${words.secondFactor}</h1>`,
    methods.includes("totp") ? form("totp", field("code", words.code, CODE), words.next) : "",
    methods.includes("passkey")
      ? `<p><button type="button" data-passkey="sign-in" hidden>${words.usePasskey}</button></p>`
      : "",
    methods.includes("recovery-code") ? form("recovery-code", recovery, words.next) : "",
    form("sign-out", "", words.beginAnew),
  ].join("\n");
}

function enrolForms(
  { offer }: PageState & { kind: "enrol" },
  words: ReturnType<typeof wordsOf>,
): string {
  const spaced = offer.secret.replace(/(.{4})(?=.)/g, "$1 ");
  const fields = hidden("ticket", offer.ticket) + field("code", words.code, CODE);
  return [
    `<h1>${words.enrol}</h1>`,
    `<p>${words.enrolHow}</p>`,
    `<p>${words.secretKey}: <code>${spaced}</code><br><a href="${escapeHtml(offer.uri)}">${words.openApp}</a></p>`,
    form("confirm", fields, words.next),
    `<div data-passkey-part hidden><p>${words.orAddPasskey}</p>`,
    `<p><button type="button" data-passkey="add">${words.addPasskey}</button></p></div>`,
    `<section data-codes hidden><h2>${words.recoveryCodes}</h2><p>${words.recoveryHow}</p><ul></ul>`,
    `<p><a class="button" href="/sign-in">${words.kept}</a></p></section>`,
    form("sign-out", "", words.beginAnew),
  ].join("\n");
}

function invitationForm(
  { token }: PageState & { kind: "invitation" },
  words: ReturnType<typeof wordsOf>,
): string {
  const attributes = 'type="password" autocomplete="new-password" autofocus';
  const fields = hidden("token", token) + field("password", words.newPassword, attributes);
  return `<h1>${words.invitation}</h1>${form("invitation", fields, words.next)}`;
}

function codesPart(
  { codes }: PageState & { kind: "recovery-codes" },
  words: ReturnType<typeof wordsOf>,
): string {
  const list = codes.map((code) => `<li><code>${escapeHtml(code)}</code></li>`).join("");
  const on = `<p><a class="button" href="/sign-in">${words.kept}</a></p>`;
  return `<h1>${words.recoveryCodes}</h1><p>${words.recoveryHow}</p><ul>${list}</ul>${on}`;
}

function signedInPart(
  { name, role }: PageState & { kind: "signed-in" },
  words: ReturnType<typeof wordsOf>,
): string {
  const who = `<strong>${escapeHtml(name)}</strong>, ${words.as} ${escapeHtml(role)}`;
  const link = `<p><a href="/reference">${words.reference}</a></p>`;
  return `<h1>${words.signedIn}</h1><p>${who}</p>${link}${form("sign-out", "", words.signOut)}`;
}

function bodyOf(state: PageState, words: ReturnType<typeof wordsOf>): string {
  if (state.kind === "begin") return beginForms(state, words);
  if (state.kind === "invitation") return invitationForm(state, words);
  if (state.kind === "second-factor") return factorForms(state, words);
  if (state.kind === "enrol") return enrolForms(state, words);
  if (state.kind === "recovery-codes") return codesPart(state, words);
  return signedInPart(state, words);
}

function lookAroundPart(roles: readonly Role[], words: ReturnType<typeof wordsOf>): string {
  const buttons = roles.map((role) => {
    const label = Object.hasOwn(words, role) ? words[role as keyof typeof words] : role;
    return `<button class="quiet" name="role" value="${role}">${label}</button>`;
  });
  return `<section class="look-around"><h2>${words.lookAround}</h2><p>${words.lookAroundHow}</p>
<form method="post" action="/sign-in/look-around">${buttons.join("")}</form></section>`;
}

/** What the page carries besides the state: a sentence of ours, and whom a sandbox's visitor may look around as. */
export type PageSetting = {
  readonly error: string | null;
  readonly language: Language;
  readonly lookAround: readonly Role[];
};

export function renderPage(state: PageState, { error, language, lookAround }: PageSetting): string {
  const words = wordsOf(language);
  const other = language === "en" ? "zh-CN" : "en";
  const around =
    state.kind === "begin" && lookAround.length > 0 ? lookAroundPart(lookAround, words) : "";
  const alert = error === null ? "" : `<p role="alert">${escapeHtml(error)}</p>`;
  return `<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${words.title}</title>
<link rel="stylesheet" href="/sign-in/page.css">
<script src="/sign-in/passkey.js" defer></script>
</head>
<body>
<header><p class="brand">Straitway</p><p>${words.product}</p></header>
<main data-passkey-failed="${escapeHtml(words.passkeyFailed)}">
${around}
${alert}
${bodyOf(state, words)}
</main>
<footer><a href="/sign-in?language=${other}" lang="${other}" hreflang="${other}">${words.otherLanguage}</a></footer>
</body>
</html>
`;
}
