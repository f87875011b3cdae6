// Which process is which: a pid alone is reused, a pid with its start time is not. Read from Linux's /proc, from
// `ps` elsewhere. Used by the data folder's lock and to find a PostgreSQL left behind by a killed program.

import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, readlinkSync, statSync } from "node:fs";

export type ProcessMark = {
  readonly pid: number;
  /** When the process started, as the system tells it; opaque, compared only for equality. */
  readonly startedAt: string;
  /** The boot and the pid namespace (a container) in which the pid means something; opaque. */
  readonly world: string;
};

function textOf(read: () => string): string {
  try {
    return read().trim();
  } catch {
    return "";
  }
}

/** The boot of this machine and the pid namespace of this process; empty where there is no /proc. */
function worldHere(): string {
  const boot = textOf(() => readFileSync("/proc/sys/kernel/random/boot_id", "utf8"));
  const namespace = textOf(() => readlinkSync("/proc/self/ns/pid"));
  return `${boot} ${namespace}`.trim();
}

const WORLD = worldHere();

/** Start time of a living process, or null when there is none by that pid; a zombie is no longer living. */
function startOf(pid: number): string | null {
  if (WORLD === "") {
    const ps = spawnSync("ps", ["-o", "lstart=", "-p", String(pid)], { encoding: "utf8" });
    const started = ps.status === 0 ? ps.stdout.trim() : "";
    return started === "" ? null : started;
  }
  const stat = textOf(() => readFileSync(`/proc/${pid}/stat`, "utf8"));
  // proc(5): "pid (comm) state …"; comm may hold spaces and brackets; starttime is field 22.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const [state, started] = [fields[0], fields[19]];
  return started === undefined || state === "Z" || state === "X" ? null : started;
}

/** The mark of a living process, or null. */
export function markOf(pid: number): ProcessMark | null {
  const startedAt = startOf(pid);
  return startedAt === null ? null : { pid, startedAt, world: WORLD };
}

/** True while the very process that was marked lives. A mark of another boot or container cannot be seen: false. */
export function isLiving(mark: ProcessMark): boolean {
  return mark.world === WORLD && startOf(mark.pid) === mark.startedAt;
}

/** True when the mark was made in this boot but in another container, where its pid says nothing here. */
export function isOfAnotherContainer(mark: ProcessMark): boolean {
  return mark.world !== WORLD && mark.world.split(" ")[0] === WORLD.split(" ")[0];
}

/**
 * Pids of the living processes whose working directory is `folder`: PostgreSQL's postmaster and all its children
 * work in their cluster. Null where there is no /proc to ask.
 */
export function processesWorkingIn(folder: string): readonly number[] | null {
  if (WORLD === "") return null;
  const own = statSync(folder, { throwIfNoEntry: false });
  if (own === undefined) return [];
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        const cwd = statSync(`/proc/${pid}/cwd`, { throwIfNoEntry: false });
        return cwd?.dev === own.dev && cwd.ino === own.ino && startOf(pid) !== null;
      } catch {
        // Another user's process, or one that has just ended: not one of ours.
        return false;
      }
    });
}
