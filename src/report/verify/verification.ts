// What a verification answers: each check with its verdict, every difference with the row it is about, and what is
// worth telling although it is no difference. Codes and shapes: docs/reference/verify.md.

/** The checks in the order in which they are told; each has its own source of truth. */
export const CHECK_NAMES = [
  "raw-files",
  "ledger",
  "statements",
  "payouts",
  "bank",
  "approvals",
  "postings",
  "money",
  "states",
  "declarations",
  "events",
] as const;

export type CheckName = (typeof CHECK_NAMES)[number];

export type Check = {
  readonly name: CheckName;
  readonly ok: boolean;
  /** One plain sentence: what was compared, or how many differences there are. */
  readonly detail: string;
};

/** One difference. Amounts are exact decimal texts with their currency where it is known, else minor units. */
export type Finding = {
  readonly check: CheckName;
  /** The row it is about: "statement st_…", "file 3f2a…", "account seller/acme/fx-account/USD". */
  readonly subject: string;
  readonly message: string;
  /** What the source of truth says; null when it says nothing (an extra row). */
  readonly expected: string | null;
  /** What is on record; null when nothing is (a missing row). */
  readonly found: string | null;
};

/** Something that a reader should know and that is no difference. */
export type Note = {
  readonly check: CheckName;
  readonly subject: string;
  readonly message: string;
};

export type Verification = {
  readonly ok: boolean;
  readonly checks: readonly Check[];
  /** All differences; `findings` keeps the first `FINDINGS_KEPT_MAX` of each check. */
  readonly findingCount: number;
  readonly findings: readonly Finding[];
  readonly notes: readonly Note[];
};

/** Findings kept of each check; the rest are only counted. Somebody who has this many reads the first. */
export const FINDINGS_KEPT_MAX = 200;
/** Notes kept of each check. */
export const NOTES_KEPT_MAX = 200;

export type FindingLog = {
  readonly report: (
    check: CheckName,
    subject: string,
    message: string,
    values?: { readonly expected?: string | null; readonly found?: string | null },
  ) => void;
  readonly note: (check: CheckName, subject: string, message: string) => void;
  /** What was compared, for the check's sentence; counts of the same name add up. */
  readonly compared: (check: CheckName, what: string, count: number) => void;
  readonly verification: () => Verification;
};

type CheckLog = {
  findings: Finding[];
  findingCount: number;
  notes: Note[];
  noteCount: number;
  compared: Map<string, number>;
};

export function findingLog(): FindingLog {
  const logs = new Map<CheckName, CheckLog>(
    CHECK_NAMES.map((name) => [
      name,
      { findings: [], findingCount: 0, notes: [], noteCount: 0, compared: new Map() },
    ]),
  );
  const logOf = (check: CheckName): CheckLog => logs.get(check) as CheckLog;
  return {
    report: (check, subject, message, values = {}) => {
      const log = logOf(check);
      log.findingCount += 1;
      if (log.findings.length >= FINDINGS_KEPT_MAX) return;
      const { expected = null, found = null } = values;
      log.findings.push({ check, subject, message, expected, found });
    },
    note: (check, subject, message) => {
      const log = logOf(check);
      log.noteCount += 1;
      if (log.notes.length < NOTES_KEPT_MAX) log.notes.push({ check, subject, message });
    },
    compared: (check, what, count) => {
      const { compared } = logOf(check);
      compared.set(what, (compared.get(what) ?? 0) + count);
    },
    verification: () => {
      const checks = [...logs].map(([name, log]) => checkOf(name, log));
      return {
        ok: checks.every((check) => check.ok),
        checks,
        findingCount: [...logs.values()].reduce((sum, log) => sum + log.findingCount, 0),
        findings: [...logs.values()].flatMap((log) => log.findings),
        notes: [...logs.values()].flatMap((log) => log.notes),
      };
    },
  };
}

function checkOf(name: CheckName, log: CheckLog): Check {
  const counts = [...log.compared].map(([what, count]) => `${count} ${what}`).join(", ");
  const compared = counts === "" ? "nothing on record" : counts;
  const differ = log.findingCount === 1 ? "1 difference" : `${log.findingCount} differences`;
  const told = log.noteCount === 0 ? "" : `; ${log.noteCount} told`;
  return {
    name,
    ok: log.findingCount === 0,
    detail: `${log.findingCount === 0 ? compared : `${differ} in ${compared}`}${told}`,
  };
}
