// What the sign-in page loads, from here and nowhere else: its look, and the script that talks to the device about
// passkeys. The page works without either.

export const PAGE_CSS = `:root { color-scheme: light dark; --line: #8a8f98; --accent: #0b5c4d; }
body { margin: 0; font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 24rem; margin: 10vh auto; padding: 0 1rem; }
h1 { font-size: 1.4rem; }
form { margin: 1rem 0; }
label { display: block; margin-top: .75rem; }
input, button, .button { box-sizing: border-box; font: inherit; border-radius: 4px; }
input { width: 100%; padding: .5rem; border: 1px solid var(--line); }
button, .button { display: inline-block; min-height: 2.5rem; margin-top: .75rem; padding: .4rem 1rem; line-height: 1.6rem; }
button, .button { color: #fff; background: var(--accent); border: 0; text-decoration: none; cursor: pointer; }
:focus-visible { outline: 3px solid #d08700; outline-offset: 2px; }
[role="alert"] { padding: .5rem .75rem; border: 2px solid #b3261e; border-radius: 4px; }
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
