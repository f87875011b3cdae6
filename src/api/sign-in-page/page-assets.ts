// What the sign-in page loads, from here and nowhere else: its look, and the script that talks to the device about
// passkeys. The page works without either.

export const PAGE_CSS = `:root { color-scheme: light dark; --page: #f4f6f7; --card: #fff; --ink: #17212b; --muted: #55626d;
  --line: #c9d0d5; --field: #7d8891; --accent: #0b5c4d; --on-accent: #fff; --focus: #b86e00; --bad: #b3261e; }
@media (prefers-color-scheme: dark) { :root { --page: #0f1417; --card: #171e23; --ink: #e6ebee; --muted: #a3afb8;
  --line: #2f3a42; --field: #75828c; --accent: #5cc0a8; --on-accent: #06221c; --focus: #ffb84d; --bad: #ff8a80; } }
* { box-sizing: border-box; }
body { margin: 0; padding: 8vh 1rem 2rem; color: var(--ink); background: var(--page);
  font: 15px/1.55 system-ui, "PingFang SC", "Microsoft YaHei", "Noto Sans SC", sans-serif; }
header, main, footer { max-width: 26rem; margin: 0 auto; }
header p { margin: 0; color: var(--muted); }
header .brand { font-size: 1.5rem; font-weight: 650; letter-spacing: -.01em; color: var(--accent); }
main { margin-top: 1.25rem; padding: 1.25rem 1.5rem 1.5rem; background: var(--card);
  border: 1px solid var(--line); border-radius: 8px; }
footer { margin-top: 1rem; }
h1 { margin: .25rem 0 .5rem; font-size: 1.15rem; }
h2 { margin: 0 0 .25rem; font-size: 1rem; }
form { margin: .5rem 0; }
label { display: block; margin-top: .75rem; font-weight: 500; }
a { color: var(--accent); }
input, button, .button { font: inherit; border-radius: 5px; }
input { width: 100%; margin-top: .25rem; padding: .5rem .6rem; color: inherit; background: transparent;
  border: 1px solid var(--field); }
button, .button { display: inline-block; min-height: 2.5rem; margin-top: 1rem; padding: .4rem 1.1rem;
  line-height: 1.6rem; }
button, .button { color: var(--on-accent); background: var(--accent); border: 1px solid var(--accent);
  text-decoration: none; cursor: pointer; }
button.quiet, [data-passkey], .button { color: var(--accent); background: transparent; }
.look-around { margin: 0 0 1.25rem; padding-bottom: 1.25rem; border-bottom: 1px solid var(--line); }
.look-around p { margin: 0; color: var(--muted); }
.look-around form { display: grid; grid-template-columns: 1fr 1fr; gap: .5rem; margin-top: .75rem; }
.look-around button { margin: 0; padding: .4rem .5rem; }
:focus-visible { outline: 3px solid var(--focus); outline-offset: 2px; }
[role="alert"] { padding: .5rem .75rem; border: 2px solid var(--bad); border-radius: 5px; }
[role="alert"]::before { content: "⚠ "; }
code { font-size: 1.05em; overflow-wrap: anywhere; }
[hidden] { display: none; }
`;

export const PASSKEY_SCRIPT = `"use strict";
const main = document.querySelector("main");
async function post(path, body) {
  const answer = await fetch(path, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
  if (!answer.ok) throw new Error((await answer.json()).title);
  return answer.json();
}
function tell(text) {
  const alert = main.querySelector("[role=alert]") ?? main.insertBefore(document.createElement("p"), main.firstChild);
  alert.setAttribute("role", "alert");
  alert.textContent = text;
}
async function signIn() {
  const options = PublicKeyCredential.parseRequestOptionsFromJSON(await post("/v1/sign-in/passkey/options", {}));
  const credential = await navigator.credentials.get({ publicKey: options });
  await post("/v1/sign-in/passkey", credential.toJSON());
  location.assign("/sign-in");
}
async function add() {
  const options = PublicKeyCredential.parseCreationOptionsFromJSON(await post("/v1/me/passkeys/options", {}));
  const credential = await navigator.credentials.create({ publicKey: options });
  const added = await post("/v1/me/passkeys", { name: navigator.platform.slice(0, 60), answer: credential.toJSON() });
  if (added.recoveryCodes === null) return location.assign("/sign-in");
  const section = main.querySelector("[data-codes]");
  for (const element of main.children) element.hidden = element !== section;
  for (const code of added.recoveryCodes) {
    section.querySelector("ul").appendChild(document.createElement("li")).textContent = code;
  }
  section.hidden = false;
}
if (globalThis.PublicKeyCredential?.parseRequestOptionsFromJSON) {
  for (const part of main.querySelectorAll("[data-passkey], [data-passkey-part]")) part.hidden = false;
  for (const button of main.querySelectorAll("[data-passkey]")) {
    button.addEventListener("click", () => {
      (button.dataset.passkey === "add" ? add() : signIn()).catch(() => tell(main.dataset.passkeyFailed));
    });
  }
}
`;
