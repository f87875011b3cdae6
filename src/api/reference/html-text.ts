// Texts as HTML: everything is escaped first; the few marks of Markdown that our descriptions use become elements.

const ESCAPES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

export function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ESCAPES[character] ?? character);
}

/** One line or cell: `code` and **strong**. */
export function inline(text: string): string {
  return escaped(text)
    .replace(/`([^`]+)`/g, "<code>$1</code>")
    .replace(/\*\*([^*]+)\*\*/g, "<strong>$1</strong>");
}

/** Paragraphs and lists. */
export function prose(text: string): string {
  return text
    .split(/\n{2,}/)
    .map((block) => {
      const lines = block.split("\n");
      return lines.every((line) => line.startsWith("- "))
        ? `<ul>${lines.map((line) => `<li>${inline(line.slice(2))}</li>`).join("")}</ul>`
        : `<p>${inline(lines.join(" "))}</p>`;
    })
    .join("\n");
}

/** A whole page: no script, and nothing from elsewhere. */
export function page(title: string, body: string, language = "en"): string {
  return `<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)}</title>
<link rel="stylesheet" href="/reference.css">
</head>
<body>
${body}
</body>
</html>
`;
}

/** Lets the page load our stylesheet and nothing else. */
export const PAGE_POLICY =
  "default-src 'none'; style-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

export const STYLESHEET = `:root { color-scheme: light dark; --line: #8884; --soft: #8882; --accent: #0b6bcb; }
@media (prefers-color-scheme: dark) { :root { --accent: #7ab8ff; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 76rem; padding: 1rem 1.5rem 6rem; font: 16px/1.55 system-ui, sans-serif; }
a { color: var(--accent); }
a:focus-visible, summary:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
code, pre { font: 0.9em/1.45 ui-monospace, "SF Mono", Consolas, monospace; background: var(--soft); border-radius: 4px; }
code { padding: 0.1em 0.3em; }
pre { padding: 0.8rem 1rem; overflow-x: auto; }
pre code { background: none; padding: 0; }
h1 { font-size: 1.9rem; } h2 { margin-top: 3rem; border-bottom: 1px solid var(--line); padding-bottom: 0.3rem; }
h3 { margin: 2.2rem 0 0.4rem; font-size: 1.1rem; }
table { border-collapse: collapse; width: 100%; margin: 0.6rem 0 1rem; }
th, td { text-align: left; vertical-align: top; padding: 0.35rem 0.7rem 0.35rem 0; border-bottom: 1px solid var(--line); }
th { font-weight: 600; }
nav ul { columns: 3 16rem; padding-left: 1.2rem; }
.method { display: inline-block; min-width: 4.2rem; font-weight: 700; }
.note { opacity: 0.8; }
`;
