// The console as built files: read once from dist/console, served to anybody. Assets carry a hash of their content in their
// name and are kept for ever; the page itself is written anew for each answer, because it carries the nonce by which its
// policy knows the styles that the console makes.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { extname, join } from "node:path";
import { randomToken } from "../secret/random.ts";
import { hasSessionCookie } from "./session-cookie.ts";

type ConsoleFile = {
  readonly type: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** The same, compressed by the build; null where that saves nothing. */
  readonly gzip: Uint8Array<ArrayBuffer> | null;
};

export type ConsoleFiles = {
  readonly page: string;
  readonly files: ReadonlyMap<string, ConsoleFile>;
};

const TYPES: Readonly<Record<string, string>> = {
  ".css": "text/css; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json",
  ".svg": "image/svg+xml",
  ".woff2": "font/woff2",
};

/** What the build writes where the page needs the answer's nonce. */
const NONCE = "{{nonce}}";

/** Addresses that are the API's, or the process's own: everything else that a browser opens is a page of the console. */
const NOT_OURS = /^\/(v1|sign-in|reference|reference\.css|problems|health|metrics)(\/|$)/;

/** Reads the built console; null where it was not built: the API then stands alone. */
export function openConsoleFiles(dir: string): ConsoleFiles | null {
  const pagePath = join(dir, "index.html");
  if (!existsSync(pagePath)) return null;
  const files = new Map<string, ConsoleFile>();
  const names = readdirSync(join(dir, "assets"));
  for (const name of names.filter((name) => !name.endsWith(".gz"))) {
    const path = join(dir, "assets", name);
    files.set(`/assets/${name}`, {
      type: TYPES[extname(name)] ?? "application/octet-stream",
      bytes: new Uint8Array(readFileSync(path)),
      gzip: names.includes(`${name}.gz`) ? new Uint8Array(readFileSync(`${path}.gz`)) : null,
    });
  }
  return { page: readFileSync(pagePath, "utf8"), files };
}

/** An asset, or the page; null: the address is none of the console's. */
export function consoleAnswer(built: ConsoleFiles, request: Request): Response | null {
  const { pathname, search } = new URL(request.url);
  if (pathname.startsWith("/assets/")) {
    const file = built.files.get(pathname);
    return file === undefined ? null : assetAnswer(file, request);
  }
  if (NOT_OURS.test(pathname)) return null;
  const wantsPage = pathname === "/" || /\btext\/html\b/.test(request.headers.get("accept") ?? "");
  if (!wantsPage) return null;
  return hasSessionCookie(request) ? pageAnswer(built.page) : toSignIn(`${pathname}${search}`);
}

/** Nobody is signed in: the way in first, and back to the page that was wanted. */
function toSignIn(wanted: string): Response {
  const location = `/sign-in?returnTo=${encodeURIComponent(wanted)}`;
  return new Response(null, {
    status: 303,
    headers: { Location: location, "Cache-Control": "no-store" },
  });
}

const SHARED = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Resource-Policy": "same-origin",
  "Referrer-Policy": "same-origin",
  "X-Content-Type-Options": "nosniff",
  "X-Frame-Options": "DENY",
} as const;

function assetAnswer({ type, bytes, gzip }: ConsoleFile, request: Request): Response {
  const takesGzip = /\bgzip\b/.test(request.headers.get("accept-encoding") ?? "");
  const isGzip = takesGzip && gzip !== null;
  return new Response(isGzip ? gzip : bytes, {
    headers: {
      ...SHARED,
      "Content-Type": type,
      "Cache-Control": "public, max-age=31536000, immutable",
      Vary: "Accept-Encoding",
      ...(isGzip ? { "Content-Encoding": "gzip" } : {}),
    },
  });
}

function pageAnswer(page: string): Response {
  const nonce = randomToken();
  // Attributes alone may carry styles: charts are drawn with them. Style elements need the nonce, scripts a file of ours.
  const policy = [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "style-src-attr 'unsafe-inline'",
    "connect-src 'self'",
    "img-src 'self' data:",
    "font-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join("; ");
  return new Response(page.replaceAll(NONCE, nonce), {
    headers: {
      ...SHARED,
      "Content-Type": "text/html; charset=utf-8",
      "Cache-Control": "no-store",
      "Content-Security-Policy": policy,
      "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
    },
  });
}
