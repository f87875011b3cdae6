// The two languages of the API's own texts. Codes and data are free of language.

export type Language = "en" | "zh-CN";

/** The language that Accept-Language prefers (RFC 9110, 12.5.4): Chinese of any kind, else English. */
export function languageOf(header: string | undefined): Language {
  let best: { language: Language; weight: number } | null = null;
  for (const item of (header ?? "").split(",").slice(0, 32)) {
    const [tag = "", ...parameters] = item.trim().toLowerCase().split(";");
    const quality = parameters.map((text) => /^\s*q=([01](?:\.\d{0,3})?)\s*$/.exec(text)?.[1]);
    const weight = Number(quality.find((value) => value !== undefined) ?? "1");
    const language = /^zh(-|$)/.test(tag) ? "zh-CN" : /^en(-|$)/.test(tag) ? "en" : null;
    if (language !== null && weight > (best?.weight ?? 0)) best = { language, weight };
  }
  return best?.language ?? "en";
}
