// The language of rules: CEL, the Common Expression Language (https://cel.dev), over the facts of rule-facts.ts. Every
// expression is checked against their types when a pack is read, so that a misspelt fact is an error of the pack and not
// of the day on which it matters.

import { type ASTNode, Environment } from "@marcbachmann/cel-js";
import { accepted, type Outcome, refused } from "../errors/refusal.ts";
import { type Currency, currencyOf } from "../money/currency.ts";
import { displayMoney, divideMinor } from "../money/money.ts";
import { addDays, addWeekdays, daysBetween, parseCivilDate } from "../time/instant.ts";
import { FACT_RECORDS, RULE_FACTS, type RuleFacts } from "./rule-facts.ts";

/** Limits of one expression: a rule is a sentence, not a program. */
const LIMITS = { maxAstNodes: 500, maxDepth: 50, maxListElements: 100, maxCallArguments: 8 };

const environment = makeEnvironment();

export type ResultType = "bool" | "int" | "string";

export type Expression<Result> = {
  readonly text: string;
  /** The facts it looks at: "seller.class". */
  readonly looksAt: readonly string[];
  /** Throws where the expression cannot be computed: a division by zero, a date that is none. */
  readonly evaluate: (facts: RuleFacts) => Result;
};

export function parseExpression(text: string, type: "bool"): Outcome<Expression<boolean>>;
export function parseExpression(text: string, type: "int"): Outcome<Expression<bigint>>;
export function parseExpression(text: string, type: "string"): Outcome<Expression<string>>;
/** Refused, `expression-invalid`: it does not parse, names what is no fact, or is not of the type that is wanted. */
export function parseExpression(text: string, type: ResultType): Outcome<Expression<unknown>> {
  try {
    const checked = environment.check(text);
    if (!checked.valid)
      return refused("expression-invalid", firstLine(checked.error?.message ?? "not valid"));
    const found = String(checked.type);
    if (found !== type)
      return refused("expression-invalid", `it gives ${found} where ${type} is needed`);
    const program = environment.parse(text);
    return accepted({
      text,
      looksAt: looksAt(program.ast),
      evaluate: (facts) => program(facts),
    });
  } catch (error) {
    return refused("expression-invalid", firstLine((error as Error).message));
  }
}

/** A sentence with expressions between braces: "USD {money(year.receiptsUsdMinor, 'USD')} this year". */
export function parseSentence(text: string): Outcome<Expression<string>> {
  const parts: (string | Expression<string>)[] = [];
  for (const piece of text.split(/(\{[^{}]*\})/)) {
    if (!piece.startsWith("{")) {
      if (/[{}]/.test(piece)) return refused("expression-invalid", "a brace stands alone");
      parts.push(piece);
      continue;
    }
    const expression = parseExpression(piece.slice(1, -1), "string");
    if (!expression.ok) return expression;
    parts.push(expression.value);
  }
  return accepted({
    text,
    looksAt: [...new Set(parts.flatMap((part) => (typeof part === "string" ? [] : part.looksAt)))],
    evaluate: (facts) =>
      parts.map((part) => (typeof part === "string" ? part : part.evaluate(facts))).join(""),
  });
}

function typesOf(fields: Readonly<Record<string, readonly [string, string]>>) {
  return Object.fromEntries(Object.entries(fields).map(([name, [type]]) => [name, type]));
}

function makeEnvironment(): Environment {
  const made = new Environment({ limits: LIMITS });
  for (const [name, fields] of Object.entries(FACT_RECORDS))
    made.registerType(name, { fields: typesOf(fields) });
  made.registerVariable("today", "string");
  for (const [name, fields] of Object.entries(RULE_FACTS))
    made.registerVariable({ name, schema: typesOf(fields) });
  made.registerFunction("days(string, string): int", (from: string, to: string) =>
    BigInt(daysBetween(dayOf(from), dayOf(to))),
  );
  made.registerFunction("addDays(string, int): string", (day: string, count: bigint) =>
    addDays(dayOf(day), Number(count)),
  );
  made.registerFunction("addWeekdays(string, int): string", (day: string, count: bigint) =>
    addWeekdays(dayOf(day), Number(count)),
  );
  made.registerFunction("money(int, string): string", (minor: bigint, code: string) =>
    displayMoney({ currency: currencyFor(code), minor }),
  );
  // Part of an amount, in whole minor units: what is doubtful is never rounded away.
  made.registerFunction(
    "share(int, int, int): int",
    (amount: bigint, part: bigint, whole: bigint) =>
      whole <= 0n || part >= whole
        ? amount
        : part <= 0n
          ? 0n
          : divideMinor(amount * part, whole, "up"),
  );
  return made;
}

function dayOf(text: string) {
  const day = parseCivilDate(text);
  if (day === null) throw new RangeError(`"${text}" is no date`);
  return day;
}

function currencyFor(code: string): Currency {
  const currency = currencyOf(code);
  if (currency === null) throw new RangeError(`"${code}" is no currency`);
  return currency;
}

function firstLine(message: string): string {
  return message.split("\n")[0] ?? message;
}

/** Paths that begin at a fact; a variable that a macro binds is none. */
function looksAt(root: ASTNode): readonly string[] {
  const found = new Set<string>();
  const visit = (node: unknown): void => {
    if (Array.isArray(node)) {
      for (const item of node) visit(item);
      return;
    }
    if (!isNode(node)) return;
    const { op, args } = node;
    if (op === "." && Array.isArray(args)) {
      const [of, field] = args as unknown[];
      if (isNode(of) && of.op === "id" && Object.hasOwn(RULE_FACTS, String(of.args))) {
        found.add(`${String(of.args)}.${String(field)}`);
        return;
      }
    }
    if (op === "id" && args === "today") found.add("today");
    visit(args);
  };
  visit(root);
  return [...found].sort();
}

function isNode(value: unknown): value is { readonly op: string; readonly args: unknown } {
  return typeof value === "object" && value !== null && "op" in value && "args" in value;
}
