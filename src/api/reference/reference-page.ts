// The reference: every route, field and problem of the API on one page, written from its OpenAPI description. It needs no
// script and asks nobody outside for anything.

import { PROBLEMS, type ProblemCode, type ProblemEntry } from "../problems.ts";
import { escaped, inline, page, prose } from "./html-text.ts";
import { exampleOf, type JsonSchema, typeText } from "./schema-text.ts";

type Media = Readonly<Record<string, { readonly schema?: JsonSchema }>>;
type Parameter = {
  readonly name: string;
  readonly in: string;
  readonly required?: boolean;
  readonly description?: string;
  readonly schema?: JsonSchema;
};
type Operation = {
  readonly operationId?: string;
  readonly summary?: string;
  readonly description?: string;
  readonly tags?: readonly string[];
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content?: Media };
  readonly responses?: Readonly<
    Record<string, { readonly description?: string; readonly content?: Media }>
  >;
  readonly "x-permission"?: string;
};
export type ReferenceDocument = {
  readonly info: {
    readonly title: string;
    readonly version: string;
    readonly description?: string;
  };
  readonly tags?: readonly { readonly name: string; readonly description?: string }[];
  readonly paths?: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly webhooks?: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components?: { readonly schemas?: Readonly<Record<string, JsonSchema>> };
};

type Place = { readonly method: string; readonly path: string; readonly operation: Operation };

export function referencePage(document: ReferenceDocument): string {
  const places = placesOf(document.paths);
  const schemas = document.components?.schemas ?? {};
  const named = (name: string) => schemas[name];
  const tags = document.tags ?? [];
  const sections = tags.map(({ name, description }) => {
    const own = places.filter(({ operation }) => operation.tags?.includes(name) ?? false);
    return `<section id="tag-${anchor(name)}"><h2>${escaped(name)}</h2>
${description === undefined ? "" : `<p>${inline(description)}</p>`}
${own.map((place) => operationHtml(place, named)).join("\n")}</section>`;
  });
  return page(
    `${document.info.title} API reference`,
    `<header><h1>${escaped(document.info.title)} API <small>${escaped(document.info.version)}</small></h1>
${prose(document.info.description ?? "")}
<p><a href="/v1/openapi.json">OpenAPI 3.1 document</a> · <a href="/problems">Problems</a></p></header>
<nav aria-label="Resources"><ul>${tags
      .map(({ name }) => `<li><a href="#tag-${anchor(name)}">${escaped(name)}</a></li>`)
      .join("")}<li><a href="#schemas">Objects</a></li></ul></nav>
<main>
${sections.join("\n")}
${webhooksHtml(document, named)}
<section id="schemas"><h2>Objects</h2>
${Object.entries(schemas)
  .map(([name, schema]) => schemaHtml(name, schema))
  .join("\n")}</section>
</main>`,
  );
}

function placesOf(paths: ReferenceDocument["paths"]): readonly Place[] {
  return Object.entries(paths ?? {}).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ method, path, operation })),
  );
}

function anchor(text: string): string {
  return text.toLowerCase().replace(/[^a-z0-9]+/g, "-");
}

type Named = (name: string) => JsonSchema | undefined;

function operationHtml({ method, path, operation }: Place, named: Named): string {
  const id = operation.operationId ?? `${method} ${path}`;
  const permission = operation["x-permission"];
  return `<article id="${escaped(id)}">
<h3><span class="method">${method.toUpperCase()}</span> <code>${escaped(path)}</code></h3>
<p>${inline(operation.summary ?? "")}. <span class="note">${permissionHtml(permission)}</span></p>
${operation.description === undefined ? "" : prose(operation.description)}
${parametersHtml(operation.parameters ?? [])}
${bodyHtml(operation)}
${answersHtml(operation, named)}
<pre><code>${escaped(curlOf(method, path, operation, named))}</code></pre>
</article>`;
}

function permissionHtml(permission: string | undefined): string {
  if (permission === undefined) return "Open to all.";
  return permission === "signed-in"
    ? "For whoever is signed in."
    : `Needs <code>${escaped(permission)}</code>.`;
}

function parametersHtml(parameters: readonly Parameter[]): string {
  if (parameters.length === 0) return "";
  const rows = parameters.map(
    (parameter) =>
      `<tr><td><code>${escaped(parameter.name)}</code></td><td>${escaped(parameter.in)}${
        parameter.required === true ? ", required" : ""
      }</td><td>${typeText(parameter.schema ?? {})}</td><td>${inline(
        parameter.description ?? parameter.schema?.description ?? "",
      )}</td></tr>`,
  );
  return `<table><thead><tr><th>Parameter</th><th>Where</th><th>Type</th><th>Meaning</th></tr></thead><tbody>${rows.join("")}</tbody></table>`;
}

function bodyHtml({ requestBody }: Operation): string {
  const content = Object.entries(requestBody?.content ?? {});
  if (content.length === 0) return "";
  const items = content.map(
    ([type, { schema }]) =>
      `<li><code>${escaped(type)}</code>: ${typeText(schema ?? {})}${fieldsText(schema ?? {})}</li>`,
  );
  return `<p>Body:</p><ul>${items.join("")}</ul>`;
}

function fieldsText({ properties, required = [] }: JsonSchema): string {
  if (properties === undefined) return "";
  const fields = Object.entries(properties).map(
    ([name, schema]) =>
      `<code>${escaped(name)}</code> ${typeText(schema)}${required.includes(name) ? "" : " (optional)"}`,
  );
  return ` with ${fields.join("; ")}`;
}

function answersHtml({ responses = {} }: Operation, named: Named): string {
  const rows = Object.entries(responses).map(([status, { description = "", content = {} }]) => {
    const [schema] = Object.values(content);
    const isProblem = "application/problem+json" in content;
    const type = isProblem || schema?.schema === undefined ? "" : ` ${typeText(schema.schema)}`;
    return `<tr><td><code>${escaped(status)}</code></td><td>${inline(description)}${type}</td></tr>`;
  });
  const success = Object.entries(responses).find(([status]) => status.startsWith("2"))?.[1];
  const shown = success?.content?.["application/json"]?.schema;
  const example =
    shown === undefined
      ? ""
      : `<details><summary>Example answer</summary><pre><code>${escaped(
          JSON.stringify(exampleOf(shown, named), null, 2),
        )}</code></pre></details>`;
  return `<table><thead><tr><th>Status</th><th>Answer</th></tr></thead><tbody>${rows.join("")}</tbody></table>${example}`;
}

function curlOf(method: string, path: string, operation: Operation, named: Named): string {
  const filled = path.replace(/\{([^}]+)\}/g, (_, name: string) => {
    const parameter = operation.parameters?.find(
      (item) => item.in === "path" && item.name === name,
    );
    const example = parameter?.schema?.example;
    return typeof example === "string" ? encodeURIComponent(example) : `{${name}}`;
  });
  const lines = [`curl "$STRAITWAY_URL${filled}"`];
  if (operation["x-permission"] !== undefined) {
    lines.push(`  -H "Authorization: Bearer $STRAITWAY_KEY"`);
  }
  if (method !== "get") lines.splice(1, 0, `  -X ${method.toUpperCase()}`);
  for (const parameter of operation.parameters ?? []) {
    if (parameter.in === "header") lines.push(`  -H "${parameter.name}: …"`);
  }
  const body = operation.requestBody?.content ?? {};
  const json = body["application/json"]?.schema;
  if ("multipart/form-data" in body) lines.push(`  -F "file=@settlement.txt"`);
  else if (json !== undefined) {
    lines.push(
      `  -H "Content-Type: application/json"`,
      `  -d '${JSON.stringify(exampleOf(json, named))}'`,
    );
  }
  return lines.join(" \\\n");
}

function schemaHtml(name: string, schema: JsonSchema): string {
  const objects = schema.allOf ?? [schema];
  const rows = objects.flatMap((object) =>
    Object.entries(object.properties ?? {}).map(
      ([field, own]) =>
        `<tr><td><code>${escaped(field)}</code></td><td>${typeText(own)}</td><td>${inline(own.description ?? "")}</td></tr>`,
    ),
  );
  const parents = objects.filter((object) => object.$ref !== undefined).map(typeText);
  const extended = parents.length === 0 ? "" : `<p>All of ${parents.join(", ")}, and:</p>`;
  const table =
    rows.length === 0
      ? `<p>${typeText(schema)}</p>`
      : `<table><thead><tr><th>Field</th><th>Type</th><th>Meaning</th></tr></thead><tbody>${rows.join("")}</tbody></table>`;
  return `<article id="schema-${escaped(name)}"><h3>${escaped(name)}</h3>
${schema.description === undefined ? "" : `<p>${inline(schema.description)}</p>`}${extended}${table}</article>`;
}

function webhooksHtml(document: ReferenceDocument, named: Named): string {
  const places = placesOf(document.webhooks);
  if (places.length === 0) return "";
  const items = places.map(({ path, operation }) => {
    const schema = operation.requestBody?.content?.["application/json"]?.schema;
    return `<article><h3><code>${escaped(path)}</code></h3><p>${inline(operation.summary ?? "")}</p>
<pre><code>${escaped(JSON.stringify(schema === undefined ? null : exampleOf(schema, named), null, 2))}</code></pre></article>`;
  });
  return `<section id="webhooks"><h2>What is sent to subscribers</h2>${items.join("\n")}</section>`;
}

/** The catalogue as a page; with a code, that entry alone. */
export function problemsPage(code: ProblemCode | null): string {
  const codes = code === null ? (Object.keys(PROBLEMS) as ProblemCode[]) : [code];
  const entries = codes.map((name) => {
    const entry: ProblemEntry = PROBLEMS[name];
    return `<article id="${name}"><h2><code>${name}</code></h2>
<p><strong>${escaped(entry.title)}</strong> · <span lang="zh-CN">${escaped(entry.titleZh)}</span></p>
<p>Status ${entry.status}. ${entry.retryable ? "The same request may succeed later." : "The same request will not succeed as it is."}</p>
<p>${inline(entry.meaning)}</p></article>`;
  });
  return page(
    code === null ? "Problems of the Straitway API" : `Problem: ${code}`,
    `<header><p><a href="/reference">API reference</a>${
      code === null ? "" : ' · <a href="/problems">All problems</a>'
    }</p><h1>${code === null ? "Problems" : "Problem"}</h1></header><main>${entries.join("\n")}</main>`,
  );
}
